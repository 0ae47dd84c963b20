import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { launchSession, type SessionLaunch } from '../../../agent/pilot/unit/launch-session.ts';
import { pollUntil } from '../../support/poll-until.ts';

const createBed = () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-launch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const launch = (
    id: string,
    script: string,
    more: Partial<SessionLaunch> = {},
  ): SessionLaunch => ({
    command: ['/bin/sh', '-c', script],
    environment: { FOLDER: folder },
    workingFolder: folder,
    stdout: join(folder, `${id}.out`),
    stderr: join(folder, `${id}.err`),
    ...more,
  });
  const read = (name: string): Promise<string> =>
    pollUntil(name, { timeoutMs: 20_000, everyMs: 10 }, () => {
      const file = join(folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined || stat.size === 0 ? undefined : readFileSync(file, 'utf8');
    });
  return { folder, launch, read };
};

test('whatever stands in arguments and variables reaches the program as it is', async () => {
  const { launch, read } = createBed();
  const nasty = `'; touch "$FOLDER"/owned; $(id) \`id\` \\ "\n' '' * ~ é`;
  await launchSession(
    launch('00-1', 'printf "%s|" "$1" "$NASTY" "$PWD"; printf . >&2', {
      command: ['/bin/sh', '-c', 'printf "%s|%s|" "$1" "$NASTY"; printf e >&2', 'sh', nasty],
      environment: { NASTY: nasty },
    }),
  );
  expect(await read('00-1.out')).toBe(`${nasty}|${nasty}|`);
  expect(await read('00-1.err')).toBe('e');
});

test('each leads a session of its own, with no environment, descriptor or mask but its own', async () => {
  const { folder, launch, read } = createBed();
  process.env.PILOTAGE_TEST_SECRET = 's3cret';
  onTestFinished(() => {
    delete process.env.PILOTAGE_TEST_SECRET;
  });
  const look =
    'cut -d" " -f1,6 /proc/$$/stat; env | sort; for fd in 3 4 5; do test -e /proc/$$/fd/$fd && echo open; done; echo .; umask; pwd; readlink /proc/$$/fd/0';
  await launchSession(launch('00-1', `{ ${look}; } >all; mv all told`));
  const lines = (await read('told')).trim().split('\n');
  const [pid, session] = (lines[0] ?? '').split(' ');
  expect(session).toBe(pid);
  expect(lines.slice(1, -4).filter(line => !/^(?:PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([
    `FOLDER=${folder}`,
  ]);
  const mask = process.umask().toString(8).padStart(4, '0');
  expect(lines.slice(-4)).toEqual(['.', mask, folder, '/dev/null']);
  expect(statSync(join(folder, '00-1.out')).mode & 0o777).toBe(0o600);
});

test('each takes signals as if nobody had begun it', async () => {
  const { launch, read } = createBed();
  await launchSession(launch('00-1', 'grep SigIgn /proc/$$/status >all; mv all told'));
  const ignored = BigInt(`0x${(await read('told')).split(/\s+/)[1]}`);
  const bits = { HUP: 0n, INT: 1n, QUIT: 2n, TERM: 14n };
  for (const [name, bit] of Object.entries(bits))
    expect([name, (ignored >> bit) & 1n]).toEqual([name, 0n]);
});

test('many that are asked for at once are all begun, and those that cannot be are told apart', async () => {
  const { folder, launch, read } = createBed();
  writeFileSync(join(folder, 'file'), '');
  chmodSync(join(folder, 'file'), 0o600);
  const asked = Array.from({ length: 20 }, (_, index) =>
    launch(`${10 + index}-1`, `echo ${index}`, {
      ...(index === 3 ? { workingFolder: join(folder, 'nowhere') } : {}),
      ...(index === 4 ? { stdout: join(folder, 'file/none.out') } : {}),
    }),
  );
  const ends = await Promise.allSettled(asked.map(launchSession));
  expect(ends.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([
    3, 4,
  ]);
  expect(await read('10-1.out')).toBe('0\n');
  expect(await read('29-1.out')).toBe('19\n');
});
