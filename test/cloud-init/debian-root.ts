import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { runOnHost } from '../support/host-exec.ts';

/** The releases of Debian whose cloud-init is asked, by the version that each has. */
export const SUITES = [
  { suite: 'bookworm', version: '22.4.2' },
  { suite: 'trixie', version: '25.1' },
] as const;

const PACKAGES = ['cloud-init', 'python3-jsonschema'];
/** What cloud-init does not read, and costs time to unpack. */
const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/locale/*',
  '/usr/share/info/*',
];
const MINUTES = 60_000;

/** The smallest Debian with its cloud-init; fetched once and kept. */
const archiveOf = async (suite: string): Promise<string> => {
  const key = digestOf([suite, readFileSync(import.meta.filename)]);
  const folder = await cachedFolder(`cloud-init-root-${suite}`, key, async target => {
    console.log(`building a Debian ${suite} root with cloud-init, once`);
    const options = LEFT_OUT.map(path => `--dpkgopt=path-exclude=${path}`);
    await runOnHost(
      'mmdebstrap',
      [
        ...['--variant=minbase', `--include=${PACKAGES.join(',')}`, ...options],
        ...[suite, join(target, 'root.tar')],
      ],
      { timeoutMs: 15 * MINUTES },
    );
  });
  return join(folder, 'root.tar');
};

/** A root that is only ours, and gone when this program ends. */
export interface DebianRoot {
  /** Puts a file into its /tmp, and gives its path in the root. */
  put(path: string, name: string): string;
  run(
    command: readonly string[],
    input?: string,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
}

export const openRoot = async (suite: string): Promise<DebianRoot> => {
  const archive = await archiveOf(suite);
  const root = mkdtempSync(join(tmpdir(), `pilotage-${suite}-`));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  await runOnHost('tar', ['-C', root, '-xf', archive]);
  return {
    put: (path, name) => {
      copyFileSync(path, join(root, 'tmp', name));
      return `/tmp/${name}`;
    },
    run: (command, input = '') =>
      runOnHost('chroot', [root, ...command], {
        timeoutMs: 2 * MINUTES,
        input,
        allowedExitCodes: [0, 1],
        maxOutputBytes: 64 * 1024 * 1024,
      }),
  };
};
