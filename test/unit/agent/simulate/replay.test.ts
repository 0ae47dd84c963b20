import { describe, expect, test } from 'vitest';
import { parseContext } from '../../../../agent/context/parse.ts';
import { parseTrace } from '../../../../agent/simulate/parse-trace.ts';
import { type Replay, replayTrace } from '../../../../agent/simulate/replay.ts';

const MINUTE = 60_000;
const QUIET = { load: 0, cpuCores: 0, networkBytesPerS: 0, diskBytesPerS: 0 };

const replay = (lines: readonly object[], policies: object = {}, more: object = {}): Replay => {
  const all = [{ trace: 1, ageMs: 60 * MINUTE }, ...lines];
  const text = all.map(line => JSON.stringify(line)).join('\n');
  const { context } = parseContext([
    {
      name: 'c',
      text: JSON.stringify({
        ...{ version: 1, policies, ...more },
        pilots: { kind: 'command', command: ['/bin/pilot'] },
      }),
    },
  ]);
  return replayTrace(parseTrace('t.json', text), context);
};

const pilot = (more: object) => [{ slot: '00', generation: 7, state: 'running', ...more }];
const phases = ({ turns }: Replay): string[] => [...new Set(turns.map(({ phase }) => phase))];

describe('a replay', () => {
  test('looks at every tick between two lines, so that windows run as on a VM', () => {
    const halted = replay([{ atMs: 0, readings: QUIET, pilots: pilot({}) }, { atMs: 60 * MINUTE }]);
    expect(halted.end).toMatchObject({
      phase: 'halting',
      atMs: 10 * MINUTE,
      reason: 'zero-load: load 0 below 0.1 for 10m of 10m',
    });
    expect(halted.looks).toBe(61);
  });

  test('knows that nobody looked where the trace says so', () => {
    const seen = replay([
      { atMs: 0, readings: QUIET, pilots: pilot({}) },
      { atMs: 60 * MINUTE, unseen: true, readings: { load: 1 } },
    ]);
    expect(seen.looks).toBe(2);
    expect(seen.end.phase).toBe('running');
  });

  test('follows pilots by their own runs, however the simulated agent counts them', () => {
    const off = { zeroLoad: false, noPayloads: false };
    const lines = [
      { atMs: 0, readings: QUIET, pilots: pilot({ payloads: 1 }) },
      { atMs: 20 * MINUTE, pilots: pilot({ state: 'ended', exitCode: 0 }) },
      { atMs: 21 * MINUTE, pilots: pilot({ generation: 8, payloads: 1 }) },
      { atMs: 24 * 60 * MINUTE },
    ];
    expect(phases(replay(lines, off))).toEqual(['running']);
    const failing = [1, 2, 3, 4, 5, 6, 7].flatMap(run => [
      { atMs: run * 20 * MINUTE, pilots: pilot({ generation: run }) },
      {
        atMs: run * 20 * MINUTE + 1000,
        pilots: pilot({ generation: run, state: 'ended', exitCode: 1 }),
      },
    ]);
    expect(phases(replay(failing, off))).toContain('failed');
  });

  test('takes pilots for ended that the simulated agent would have ended', () => {
    const told = replay([
      { atMs: 0, readings: { ...QUIET, load: 4 }, pilots: pilot({ payloads: 1 }) },
      { atMs: MINUTE, orders: [{ kind: 'drain', deadlineMs: MINUTE, reason: 'a test' }] },
      { atMs: 10 * MINUTE },
    ]);
    expect(phases(told)).toEqual(['running', 'draining', 'halting']);
    expect(told.end).toMatchObject({
      atMs: 2 * MINUTE + 10_000,
      reason: 'receiver: drained: a test',
    });
  });

  test.each([
    ['heard', 'running'],
    ['silent', 'halting'],
  ])('whose receiver is %s comes to %s where there is a lease', (receiver, phase) => {
    const policies = { lostReceiver: { lease: '30m' }, zeroLoad: false };
    const more = { receiver: { url: 'https://receiver.example.org', enrolmentSecret: 's' } };
    const lines = [
      { atMs: 0, readings: QUIET, pilots: pilot({ payloads: 1 }), receiver: 'heard' },
      { atMs: MINUTE, receiver },
      { atMs: 60 * MINUTE },
    ];
    expect(replay(lines, policies, more).end.phase).toBe(phase);
  });

  test('drains for what the receiver plans, and for a credential that ends', () => {
    const busy = { atMs: 0, readings: { ...QUIET, load: 4 }, pilots: pilot({ payloads: 1 }) };
    const planned = [
      { ...busy, plans: [{ kind: 'downtime', startsInMs: 7 * 60 * MINUTE }] },
      { atMs: 2 * 60 * MINUTE },
    ];
    expect(replay(planned).end).toMatchObject({ phase: 'draining', reason: /^downtime: planned/ });
    const ending = [
      { ...busy, credentials: [{ name: 'proxy', leftMs: 7 * 60 * MINUTE }] },
      { atMs: 4 * 60 * MINUTE },
    ];
    const more = { credentials: [{ name: 'proxy', content: 'secret' }] };
    expect(replay(ending, {}, more).end).toMatchObject({
      phase: 'draining',
      reason: /^credential-expiry: proxy lives/,
    });
  });

  test('that would take too many looks is refused', () => {
    expect(() => replay([{ atMs: 0 }, { atMs: 80 * 24 * 60 * MINUTE }])).toThrow(
      'more than 500000 looks; remedy: a shorter one, or a longer monitor.tick',
    );
  });
});
