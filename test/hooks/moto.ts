import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { startProgram } from '../support/child-program.ts';
import { runOnHost } from '../support/host-exec.ts';
import { pollUntil } from '../support/poll-until.ts';

/** The Debian whose AWS CLI 2 and moto are used. */
const SUITE = 'trixie';
const PACKAGES = [
  'awscli',
  'python3-moto',
  'python3-flask',
  'python3-flask-cors',
  'ca-certificates',
];
const REGION = 'eu-west-1';
const START_MS = 120_000;

/** An emulated EC2, and the real command line of AWS that speaks to it. */
export interface Moto {
  /** What a hook needs to reach it. */
  env: Readonly<Record<string, string>>;
  /** What the command line prints, as text. */
  aws(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const buildRoot = async (narrate: (line: string) => void): Promise<string> => {
  const folder = await cachedFolder('moto', digestOf([SUITE, ...PACKAGES]), async target => {
    narrate(`building a Debian ${SUITE} with the AWS CLI and moto, once`);
    mkdirSync(join(target, 'root'));
    await runOnHost(
      'mmdebstrap',
      ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, join(target, 'root')],
      { timeoutMs: 20 * 60_000 },
    );
  });
  return join(folder, 'root');
};

/** Runs a program of the root, with /proc and /dev that nobody else sees. */
const IN_ROOT =
  'mount --bind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';

export const startMoto = async (narrate: (line: string) => void, port: number): Promise<Moto> => {
  const root = await buildRoot(narrate);
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-moto-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'aws'),
    `#!/bin/sh\nexec unshare --mount sh -c '${IN_ROOT}' '${root}' /usr/bin/aws "$@"\n`,
  );
  chmodSync(join(bin, 'aws'), 0o755);
  const env = {
    PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: '/root',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_PAGER: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const aws: Moto['aws'] = async (...args) => {
    const asked = [...args, '--region', REGION, '--output', 'text'];
    return (await runOnHost('aws', asked, { env })).stdout.trim();
  };
  const server = await startProgram({
    command: [
      ...(['unshare', '--mount', 'sh', '-c', IN_ROOT, root] as const),
      ...['/usr/bin/moto_server', '-H', '127.0.0.1', '-p', String(port)],
    ],
    logFile: join(folder, 'moto.log'),
    environment: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  const stop = async (): Promise<void> => {
    await server.stop(5000);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await pollUntil('moto answers', { timeoutMs: START_MS, everyMs: 500 }, async () => {
      const end = server.ended();
      if (end !== undefined) throw new Error(`moto ended with ${end}:\n${server.tail(10)}`);
      const reply = await fetch(`http://127.0.0.1:${port}/moto-api/`).catch(() => undefined);
      return reply?.ok === true ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, aws, stop };
};
