import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { runOnHost } from '../support/host-exec.ts';

/** The Debian whose HTCondor is the one that is tested with: 23.9. */
const SUITE = 'trixie';
const PACKAGES = ['condor', 'apptainer', 'busybox-static', 'ca-certificates', 'procps', 'attr'];

/** Apptainer is in Debian's unstable suite alone; it needs nothing that trixie lacks. */
export const APPTAINER_SOURCES = [
  `deb http://deb.debian.org/debian ${SUITE} main`,
  // A mirror that is some weeks behind will do.
  'deb [check-valid-until=no] http://deb.debian.org/debian sid main',
];
/** What the suite itself has is taken from there. */
export const FROM_SUITE = `--aptopt=APT::Default-Release "${SUITE}"`;

/** A Debian with HTCondor in it; built once and kept, and never written to. */
export const buildCondorRoot = async (
  narrate: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> => {
  const folder = await cachedFolder(
    'condor',
    digestOf([...PACKAGES, ...APPTAINER_SOURCES]),
    async target => {
      narrate(`building a Debian ${SUITE} with HTCondor, once`);
      const root = join(target, 'root');
      mkdirSync(root);
      await runOnHost(
        'mmdebstrap',
        [
          ...['--variant=minbase', `--include=${PACKAGES.join(',')}`, FROM_SUITE],
          ...[SUITE, root, ...APPTAINER_SOURCES],
        ],
        { timeoutMs: 15 * 60_000, ...(signal === undefined ? {} : { signal }) },
      );
    },
  );
  return join(folder, 'root');
};
