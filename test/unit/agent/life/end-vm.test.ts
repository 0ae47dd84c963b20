import { describe, expect, test } from 'vitest';
import type { Sign } from '../../../../agent/life/dead-man.ts';
import { type EndVmParts, endVm } from '../../../../agent/life/end-vm.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const FAREWELL_MS = 30_000;
const STEP_MS = 180_000;
const never = (): Promise<never> => new Promise(() => undefined);
const fail = async (): Promise<never> => {
  throw new TypeError('a mistake of ours');
};

const setUp = async (spoilt: Partial<EndVmParts>) => {
  const clock = createManualClock(0, 0);
  const did: string[] = [];
  const signs: Sign[] = [];
  let beats = 0;
  let offAtMs: number | undefined;
  const note = async (what: string): Promise<void> => void did.push(what);
  const parts: EndVmParts = {
    clock,
    log: createLog('silent', () => undefined),
    power: {
      off: async ({ reason, stepMs }) => {
        offAtMs = clock.monotonicMs();
        await note(`power off within ${stepMs}: ${reason}`);
      },
    },
    deadMan: { sign: async sign => void signs.push(sign) },
    watchdog: {
      ready: async () => undefined,
      progress: async () => {
        beats += 1;
      },
    },
    farewellMs: FAREWELL_MS,
    stepMs: STEP_MS,
    farewell: async () => {
      await note('farewell');
      return true;
    },
    leave: () => note('leave'),
    publish: () => note('publish'),
    announce: line => note(line),
    stopping: new AbortController().signal,
    ...spoilt,
  };
  const ended = endVm(parts, { reason: 'enough', shutdownMessage: '200 done' });
  await clock.advance(600_000);
  return { ended, did, signs, beats: () => beats, offAtMs: () => offAtMs };
};

describe('a VM ends', () => {
  test('with its last words first', async () => {
    const { ended, did, offAtMs } = await setUp({});
    await ended;
    expect(did).toEqual([
      ...['leave', 'farewell', 'publish', 'powering off: enough'],
      `power off within ${STEP_MS}: enough`,
    ]);
    expect(offAtMs()).toBe(0);
  });

  test.each<[string, Partial<EndVmParts>]>([
    ['farewell', { farewell: never }],
    ['leave', { leave: never }],
    ['publish', { publish: never }],
    ['announce', { announce: never }],
    ['sign', { deadMan: { sign: never } }],
    [
      'all of them',
      {
        ...{ farewell: never, leave: never, publish: never, announce: never },
        deadMan: { sign: never },
      },
    ],
  ])('within its time, though it waits for ever: %s', async (_, spoilt) => {
    const { ended, signs, offAtMs } = await setUp(spoilt);
    await ended;
    const [first] = signs;
    // The dead man's watch waits for longer than all steps may take, and no step is waited for without end.
    expect(offAtMs()).toBeLessThan(first?.boundMs ?? FAREWELL_MS + 60_000);
  });

  test.each<[string, Partial<EndVmParts>]>([
    ['farewell', { farewell: fail }],
    ['leave', { leave: fail }],
    ['publish', { publish: fail }],
    ['announce', { announce: fail }],
    ['sign', { deadMan: { sign: fail } }],
  ])('at once, though it fails: %s', async (_, spoilt) => {
    const { ended, offAtMs } = await setUp(spoilt);
    await ended;
    expect(offAtMs()).toBe(0);
  });

  test('by the dead man’s watch, should all this hang: first in order, then by force', async () => {
    const { signs } = await setUp({});
    expect(signs.map(({ next }) => next)).toEqual(['stop', 'force']);
    expect(signs[0]?.boundMs).toBeGreaterThan(FAREWELL_MS);
    expect(signs[1]?.boundMs).toBeGreaterThan(STEP_MS);
  });

  test('and systemd’s watchdog is told meanwhile, but not for longer', async () => {
    const { ended, beats } = await setUp({ farewellMs: 300_000, farewell: never });
    await ended;
    const during = beats();
    expect(during).toBeGreaterThanOrEqual(10);
    expect(during).toBeLessThan(13);
  });
});
