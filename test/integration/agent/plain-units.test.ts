import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createCgroupUnits } from '../../../agent/pilot/unit/cgroup.ts';
import { removeGroup } from '../../../agent/pilot/unit/cgroup-tree.ts';
import { createSessionUnits } from '../../../agent/pilot/unit/session.ts';
import type { PilotUnits, UnitSpec } from '../../../agent/pilot/unit/unit.ts';
import { createFiles, type Files } from '../../../platform/files.ts';

/** Machines without systemd, as root: what a pilot leaves behind is reaped, and its limits hold. */

const isRoot = process.getuid?.() === 0;
/** Where there is a tree of version 2, though it may have no controller to limit anything with. */
const tree = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .map(line => line.split(' '))
  .find(
    fields => fields[fields.indexOf('-') + 1] === 'cgroup2' && fields[5]?.startsWith('rw'),
  )?.[4];

const OWNER = { uid: 64_123, gid: 64_123 };
const root = mkdtempSync(join(tmpdir(), 'pilotage-units-'));
const folder = join(tree ?? '/nonexistent', `pilotage-test-${process.pid}`);

afterAll(() => {
  if (tree !== undefined && isRoot) removeGroup(folder);
  rmSync(root, { recursive: true });
});

const KINDS: readonly [string, (files: Files) => PilotUnits][] = [
  ['session with rlimits', files => createSessionUnits(files, true)],
  ...(tree === undefined
    ? []
    : [
        [
          'cgroup',
          (files: Files) => {
            mkdirSync(folder, { recursive: true });
            return createCgroupUnits(files, { folder, controllers: [] });
          },
        ] as [string, (files: Files) => PilotUnits],
      ]),
];

/** Of the slot's user; those that nobody has waited for are over. */
const processesOf = (): string[] =>
  execFileSync('ps', ['-eo', 'uid=,stat=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim())
    .filter(line => line.startsWith(`${OWNER.uid} `) && !line.startsWith(`${OWNER.uid} Z`));

describe.runIf(isRoot).each(KINDS)('a %s', (kind, create) => {
  const place = join(root, kind.replaceAll(' ', '-'));
  mkdirSync(join(place, 'home'), { recursive: true, mode: 0o777 });
  execFileSync('chmod', ['755', root, place]);
  execFileSync('chmod', ['777', join(place, 'home')]);
  const files = createFiles(place);
  const units = create(files);
  let generation = 0;
  const begin = async (script: string, limits: Partial<UnitSpec['limits']> = {}) => {
    generation += 1;
    const unit = { slot: '00', generation };
    await units.start({
      ...unit,
      command: ['/bin/sh', '-c', script],
      environment: { PATH: process.env.PATH ?? '' },
      workingFolder: '/home',
      user: 'plt00',
      owner: OWNER,
      limits: { cores: 1, memoryMb: 500, tasks: 40, ...limits },
    });
    const until = (...states: (string | undefined)[]) =>
      vi.waitFor(
        async () => {
          const seen = (await units.sight()).find(each => each.generation === unit.generation);
          expect(states).toContain(seen?.state);
          return seen;
        },
        { timeout: 20_000, interval: 50 },
      );
    return { unit, until };
  };

  test('runs as its user, cannot gain rights, and tells how it ended', async () => {
    const { until } = await begin('id -u; grep NoNewPrivs /proc/self/status; exit 3');
    expect(await until('ended')).toMatchObject({ exit: { code: 'exited', status: '3' } });
    const told = readFileSync(join(place, 'var/log/pilotage/00-1.out'), 'utf8');
    expect(told).toBe(`${OWNER.uid}\nNoNewPrivs:\t1\n`);
    expect(units.kind).toBe(kind);
  });

  test('is running as long as it does, and ends by its signal', async () => {
    const { unit, until } = await begin(
      'trap "exit 7" TERM; touch ready; while :; do sleep 0.1; done',
    );
    await until('running');
    await vi.waitFor(async () => expect(await files.facts('/home/ready')).toBeDefined());
    await units.signal(unit, 'TERM', 'main');
    expect(await until('ended')).toMatchObject({ exit: { code: 'exited', status: '7' } });
  });

  test('takes along what forked away, in a session of its own and deaf to TERM', async () => {
    const away = `trap "" TERM; (env -i setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' &) ; sleep 1`;
    const { until } = await begin(away);
    await until('running');
    await vi.waitFor(() => expect(processesOf().join()).toContain('sleep'));
    await until('ended');
    await vi.waitFor(() => expect(processesOf()).toEqual([]));
  });

  test('is killed with all that it is', async () => {
    const { unit, until } = await begin('trap "" TERM; sleep 60 & sleep 60; true');
    await until('running');
    await vi.waitFor(() => expect(processesOf()).toHaveLength(3));
    await units.signal(unit, 'KILL', 'all');
    // The leader of a session goes with it, so that nobody is left to tell.
    const seen = await until('ended', undefined);
    if (kind === 'cgroup') expect(seen).toMatchObject({ exit: { code: 'killed', status: '9' } });
    await vi.waitFor(() => expect(processesOf()).toEqual([]));
  });

  // Groups are held by controllers, which this tree need not have.
  if (!kind.includes('rlimits')) return;
  test('has no more tasks and memory than it may', async () => {
    const { until } = await begin(
      `for i in $(seq 60); do sleep 30 & done 2>&1; ls -d /proc/[0-9]* | wc -l >/dev/null; exit 0`,
    );
    await until('ended');
    const said = readFileSync(join(place, `var/log/pilotage/00-${generation}.out`), 'utf8');
    expect(said).toMatch(/[Cc]annot fork/);
    const hog = await begin(
      `exec ${process.execPath} -e 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 22, 1))'`,
      { memoryMb: 900 },
    );
    expect(await hog.until('ended')).not.toMatchObject({ exit: { status: '0' } });
  });
});
