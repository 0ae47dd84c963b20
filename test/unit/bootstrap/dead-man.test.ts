import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExec } from '../../../platform/exec.ts';

const SCRIPT = resolve(import.meta.dirname, '../../../bootstrap/dead-man');

/**
 * The script as it is, in a folder that stands for the machine. Its waits take no time: each does what the test
 * has for it. Signals are told, not sent.
 */
const HARNESS = `
source "$1"
root=$PILOTAGE_ROOT
steps=("\${@:2}")
wait_for() {
  echo "wait $1"
  [[ \${#steps[@]} -eq 0 ]] && exit 0
  eval "\${steps[0]}"
  steps=("\${steps[@]:1}")
  return 142
}
kill() { echo "kill $*"; }
main
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pilotage-dead-man-'));
  for (const folder of ['run/pilotage', 'run/systemd', 'proc', 'dev'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'proc/uptime'), '12.34 20.00\n');
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param steps what happens during each wait; the watch ends after the last of them */
const watch = async (steps: readonly string[], env: Record<string, string> = {}) => {
  const { stdout, stderr } = await createExec().run(
    '/bin/bash',
    ['--norc', '-c', HARNESS, 'bash', SCRIPT, ...steps],
    { timeoutMs: 30_000, env: { PATH: '/usr/bin:/bin', PILOTAGE_ROOT: root, ...env } },
  );
  expect(stderr).toBe('');
  const read = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return '';
    }
  };
  return {
    looks: stdout.split('\n').filter(line => line === 'wait 10').length,
    /** What was done to the machine, with the waits between. */
    did: stdout.split('\n').filter(line => line !== 'wait 10' && line !== ''),
    said: read('dev/kmsg')
      .split('\n')
      .filter(line => line !== '')
      .map(line => line.replace(/^<\d>pilotage-dead-man: /, '')),
    keys: read('proc/sysrq-trigger'),
  };
};

const NOTHING = ':';
const times = (count: number, step = NOTHING): string[] =>
  Array.from({ length: count }, () => step);
const tells = (line: string): string => `printf '%-64s' '${line}' >"$root/run/pilotage/progress"`;
const ENDED = ['kill -s RTMIN+4 1', 'kill -s RTMIN+14 1'];

describe('a VM whose agent makes progress', () => {
  test('goes on, however long', async () => {
    const steps = Array.from({ length: 200 }, (_, tick) =>
      tick % 3 === 0 ? tells(`${100 + tick * 10} 60 30 - stop`) : NOTHING,
    );
    expect(await watch(steps)).toMatchObject({ did: [], keys: '' });
  });

  test('goes on after the agent was away for nearly as long as it may be', async () => {
    const steps = [tells('100 60 30 - stop'), ...times(5), tells('160 60 30 - stop'), ...times(5)];
    expect(await watch(steps)).toMatchObject({ looks: 13, did: [] });
  });

  test('may have its bound made longer or shorter at any time', async () => {
    const longer = [tells('100 60 30 - stop'), tells('110 600 30 - stop'), ...times(59)];
    expect(await watch(longer)).toMatchObject({ did: [] });
    const shorter = [tells('100 600 30 - stop'), tells('110 20 30 - stop'), ...times(2)];
    expect((await watch(shorter)).said.at(-1)).toBe(
      'the agent has made no progress for 20 s: powering off in order',
    );
  });
});

describe('a VM ends', () => {
  test('once the agent has made no progress for its bound, by one way after the other', async () => {
    mkdirSync(join(root, 'run/pilotage/told'));
    const steps = [tells('100 60 30 - stop'), ...times(6 + 5)];
    const { did, said, keys, looks } = await watch(steps);
    const why = 'the agent has made no progress for 60 s';
    expect(looks).toBe(7);
    expect(did).toEqual([
      ...['kill -s RTMIN+4 1', 'wait 30', 'kill -s RTMIN+14 1', 'wait 30'],
      ...['wait 3', 'wait 1', 'wait 60', 'wait 3'],
    ]);
    expect(said).toEqual([
      'watching: the first tick is awaited for 3600 s',
      `${why}: powering off in order`,
      `${why}: powering off by force`,
      ...times(2, `${why}: asking the kernel to power off`),
    ]);
    expect(keys).toBe('suos');
    const told = Number(readFileSync(join(root, 'run/pilotage/told/draining'), 'utf8'));
    expect(Math.abs(told - Date.now() / 1000)).toBeLessThan(60);
  });

  test('with the forced way first, once an orderly power-off is known to be under way', async () => {
    const { did, said } = await watch([tells('100 20 30 - force'), ...times(2)]);
    expect(did).toEqual(['kill -s RTMIN+14 1', 'wait 30']);
    expect(said.at(-1)).toContain('by force');
  });

  test('when no agent has ever ticked, after as long as the unit says', async () => {
    const { did, looks } = await watch(times(9), { PILOTAGE_FIRST_TICK_S: '60' });
    expect(did.filter(line => line.startsWith('kill'))).toEqual(ENDED);
    expect(looks).toBe(6);
  });

  test('when it has outlived its life time, though the agent ticks; not before a step has passed', async () => {
    const ticking = Array.from({ length: 12 }, (_, tick) =>
      tells(`${1000 + tick * 10} 60 30 1050 stop`),
    );
    const { did, said, looks } = await watch(ticking);
    expect(did[0]).toBe('kill -s RTMIN+4 1');
    expect(said[1]).toBe('this VM has outlived its life time: powering off in order');
    // At 1050 it is over for the first time, at 1070 for the third.
    expect(looks).toBe(8);
  });

  test('when its agent never said how long it lives, after as long as the unit says', async () => {
    const ticking = Array.from({ length: 12 }, (_, tick) => tells(`${100 + tick} 60 10 - stop`));
    const { did } = await watch(ticking, { PILOTAGE_LATEST_END_S: '105' });
    expect(did[0]).toBe('kill -s RTMIN+4 1');
  });
});

describe('a VM does not end', () => {
  test('as it was suspended, and its clock leapt over its end and back', async () => {
    const steps = [
      tells('1000 60 30 5000 stop'),
      tells('90000 60 30 5000 stop'),
      tells('1020 60 30 5000 stop'),
      ...times(4),
    ];
    expect(await watch(steps)).toMatchObject({ did: [] });
  });

  test.each([
    ['', 'nothing'],
    ['100 60 30', 'a part'],
    ['100 0x10 30 - stop', 'no number'],
    ['100 1234567890 30 - stop', 'a number that would overflow'],
    ['100 60 30 - stop; kill -9 1', 'more'],
    ['a[$(kill 1)] 60 30 - stop', 'a command'],
  ])('sooner as somebody wrote %j: %s; it is no progress either', async line => {
    const steps = [tells('100 60 30 - stop'), ...times(2), ...times(4, tells(line))];
    const { did, looks } = await watch(steps);
    expect(did).toEqual(['kill -s RTMIN+4 1', 'wait 30']);
    expect(looks).toBe(7);
  });

  test('by its host’s kernel, where it is a container', async () => {
    writeFileSync(join(root, 'run/systemd/container'), 'lxc\n');
    const { keys, said } = await watch([tells('100 20 30 - force'), ...times(5)]);
    expect(keys).toBe('');
    expect(said.at(-1)).toContain('this container does not end');
  });
});

test('a wait that cannot be had ends the watch, not the VM', async () => {
  const { exitCode, stdout } = await createExec().run(
    '/bin/bash',
    [
      '--norc',
      '-c',
      'source "$1"; wait_for() { return 1; }; kill() { echo "$@"; }; main',
      'bash',
      SCRIPT,
    ],
    {
      timeoutMs: 30_000,
      allowedExitCodes: [1],
      env: { PATH: '/usr/bin:/bin', PILOTAGE_ROOT: root },
    },
  );
  expect([exitCode, stdout]).toEqual([1, '']);
});

test('08 and 09 are numbers like any other', async () => {
  expect(await watch([tells('0800 0090 09 0900 stop'), ...times(8)])).toMatchObject({ did: [] });
});
