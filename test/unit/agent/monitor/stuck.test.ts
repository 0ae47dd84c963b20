import { describe, expect, test } from 'vitest';
import { createStuckWatch } from '../../../../agent/monitor/stuck.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import type { UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { measured, NO_DATA } from '../../../../agent/reading.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { at, contextOf, minutes, QUIET, T0 } from './worlds.ts';

const UNIT = { slot: '00', generation: 1 };
const RUNNING: SlotState = { state: 'running', generation: 1, since: T0, failures: 0 };
const seen = (tasks = 3) => ({
  sightings: [
    { ...UNIT, state: 'running' as const, cpuMs: measured(1000), tasks },
  ] satisfies UnitSighting[],
  readings: QUIET,
  answers: new Map([['00-1', { payloads: NO_DATA }]]),
});
/** Lets what goes on beside the looks go on. */
const settle = () => new Promise(resolve => setImmediate(resolve));

const setUp = (
  stuck: object = { after: '1h' },
  collect: (why: string) => Promise<number | undefined> = async () => minutes(300),
) => {
  const collected: string[] = [];
  const lines: string[] = [];
  const clock = createManualClock();
  const watch = createStuckWatch(
    {
      files: createMemoryFiles(),
      clock,
      log: createLog('debug', line => void lines.push(line)),
    },
    async (unit, why) => {
      collected.push(`${unit.slot}-${unit.generation} ${why}`);
      return collect(why);
    },
  );
  const context = contextOf({
    pilots: { kind: 'command', command: ['/bin/pilot'], slots: 'whole-node', stuck },
  });
  const look = async (minute: number, tasks?: number, slot: SlotState = RUNNING) => {
    const found = await watch.look(seen(tasks), { '00': slot }, [], context, at(minutes(minute)));
    await settle();
    return Object.fromEntries(found);
  };
  const lookUntil = async (last: number, first = 0) => {
    let found = {};
    for (let minute = first; minute <= last; minute += 10) found = await look(minute);
    return found;
  };
  return { look, lookUntil, collected, lines, clock };
};

describe('a pilot that is stuck', () => {
  const WHY = 'stuck: no output, no processor time and no new process for ';

  test('is ended, once its evidence is written down', async () => {
    const { lookUntil, look, collected } = setUp();
    expect(await lookUntil(50)).toEqual({});
    expect(collected).toEqual([]);
    expect(await look(60)).toEqual({});
    expect(collected).toEqual([`00-1 ${WHY}1h`]);
    expect(await look(61)).toEqual({ '00': `${WHY}1h 1m` });
    expect(collected).toHaveLength(1);
  });

  test('is ended even if there is no evidence, or collecting it hangs', async () => {
    const failing = setUp(undefined, () => Promise.reject(new Error('no such process')));
    await failing.lookUntil(60);
    expect(await failing.look(61)).toHaveProperty('00');
    expect(failing.lines.join('')).toContain('no such process');

    const hanging = setUp(undefined, () => new Promise(() => undefined));
    await hanging.lookUntil(60);
    expect(await hanging.look(61)).toEqual({});
    await hanging.clock.advance(120_000);
    expect(await hanging.look(63)).toHaveProperty('00');
  });

  test('is not stuck if a close look finds a process that came in the place of another', async () => {
    const { lookUntil, look, collected } = setUp(undefined, async () => minutes(20));
    await lookUntil(60);
    expect(await look(70)).toEqual({});
    expect(await lookUntil(90, 80)).toEqual({});
    expect(collected).toHaveLength(1);
    await look(101);
    expect(collected).toHaveLength(2);
  });

  test('that stirs while its evidence is collected goes on', async () => {
    let finish = (_ago: number): void => undefined;
    const { lookUntil, look } = setUp(
      undefined,
      () =>
        new Promise(resolve => {
          finish = resolve;
        }),
    );
    await lookUntil(60);
    await look(61, 4);
    finish(minutes(300));
    await settle();
    expect(await look(62, 4)).toEqual({});
  });

  test('is only told of where the context says so, or not even watched', async () => {
    const told = setUp({ after: '1h', action: 'report' });
    await told.lookUntil(60);
    expect(await told.look(61)).toEqual({});
    expect(told.collected).toHaveLength(1);
    expect(told.lines.join('')).toContain('a pilot is stuck');

    const ignored = setUp({ after: '1h', action: 'ignore' });
    expect(await ignored.lookUntil(120)).toEqual({});
    expect(ignored.collected).toEqual([]);
  });

  test('and outlives KILL is told of once, with its evidence', async () => {
    const { look, collected, lines } = setUp();
    const killed: SlotState = { ...RUNNING, state: 'stopping', killed: true };
    await look(1, 3, killed);
    expect(collected).toEqual([]);
    await look(2, 3, killed);
    await look(3, 3, killed);
    expect(collected).toEqual(['00-1 it outlives KILL']);
    expect(lines.join('')).toContain('hangs in the kernel');
  });
});
