import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { runOnHost } from '../support/host-exec.ts';

/** The Debian whose HTCondor is the one that is tested with: 23.9. */
const SUITE = 'trixie';
const PACKAGES = ['condor', 'ca-certificates', 'procps', 'attr'];

/** A Debian with HTCondor in it; built once and kept, and never written to. */
export const buildCondorRoot = async (
  narrate: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> => {
  const folder = await cachedFolder('condor', digestOf([SUITE, ...PACKAGES]), async target => {
    narrate(`building a Debian ${SUITE} with HTCondor, once`);
    const root = join(target, 'root');
    mkdirSync(root);
    await runOnHost(
      'mmdebstrap',
      ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, root],
      { timeoutMs: 15 * 60_000, ...(signal === undefined ? {} : { signal }) },
    );
  });
  return join(folder, 'root');
};
