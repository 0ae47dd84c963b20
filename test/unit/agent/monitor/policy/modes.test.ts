import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Policies } from '../../../../../agent/context/schema/policies.ts';
import { judge } from '../../../../../agent/monitor/judge.ts';
import { POLICIES } from '../../../../../agent/monitor/policy/index.ts';
import { newMonitorState } from '../../../../../agent/monitor/state.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../../../../agent/reading.ts';
import { at, BUSY, contextOf, createWorld, minutes, QUIET, READY, T0 } from '../worlds.ts';

const HOUR = minutes(60);
/** Of every section that is a policy's. */
const KEYS = Object.keys(Policies.entries).filter(key => key !== 'billing' && key !== 'reboots');
const camel = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

test('every policy has its mode in the context, under its own name', () => {
  const observing = contextOf({
    policies: Object.fromEntries(KEYS.map(key => [key, { mode: 'observe' }])),
  });
  for (const policy of POLICIES) {
    // A system that stops is no matter of choice.
    if (['stuck', 'reboots', 'system-stop'].includes(policy.name)) continue;
    expect(KEYS).toContain(camel(policy.name));
    const usual = policy.name === 'advice' ? 'observe' : 'enforce';
    expect([policy.name, policy.mode(contextOf())]).toEqual([policy.name, usual]);
    expect([policy.name, policy.mode(observing)]).toEqual([policy.name, 'observe']);
  }
});

test.each([
  ['end', 'enforce'],
  ['report', 'observe'],
  ['ignore', 'observe'],
])('that of stuck pilots follows from pilots.stuck.action: %s → %s', (action, mode) => {
  const pilots = { kind: 'command', command: ['/bin/pilot'], slots: 'per-core', stuck: { action } };
  const stuck = POLICIES.find(({ name }) => name === 'stuck');
  expect(stuck?.mode(contextOf({ pilots }))).toBe(mode);
});

describe('a policy that only observes', () => {
  const context = contextOf({ policies: { zeroLoad: { mode: 'observe' }, noPayloads: false } });
  test('says what it would do, with its window, and does not do it', () => {
    const world = createWorld(context);
    const { phase, verdicts } = world.pass(HOUR, { readings: QUIET });
    expect(phase).toBe('running');
    expect(verdicts).toContainEqual({
      ...{ policy: 'zero-load', action: 'halt', mode: 'observe' },
      because: 'load 0 below 0.1 for 1h of 10m',
    });
  });
});

test('no policy asks for what its table does not say, whatever it is shown', () => {
  const reading = fc.oneof(
    fc.constantFrom<Reading>(FAILED, NO_DATA),
    fc.constantFrom(0, 0.5, 4).map(value => measured(value)),
  );
  const names = [
    ...['load', 'cpuCores', 'payloads', 'gpus', 'busyCores', 'networkBytesPerS'],
    ...['diskBytesPerS', 'cvmfs', 'squid', 'diskFreeShare', 'clockOffsetMs'],
  ];
  const readings = fc.record(Object.fromEntries(names.map(name => [name, reading])));
  const input = fc.record({
    readings,
    ageMs: fc.integer({ min: 0, max: 50 * HOUR }),
    sinceMs: fc.integer({ min: 0, max: 50 * HOUR }),
    leftMs: fc.integer({ min: -HOUR, max: 50 * HOUR }),
    isHeld: fc.boolean(),
  });
  const asks = new Map(POLICIES.map(policy => [policy.name, new Set([...policy.asks, 'none'])]));
  const context = contextOf({
    cvmfs: { repositories: ['grid.cern.ch'], proxies: 'http://squid:3128' },
    receiver: { url: 'https://receiver.example.org', enrolmentSecret: 's' },
    credentials: [{ name: 'p', content: 'x' }],
    policies: { lostReceiver: { lease: '20h' } },
  });
  fc.assert(
    fc.property(input, ({ readings, ageMs, sinceMs, leftMs, isHeld }) => {
      const judgements = judge({
        state: {
          ...newMonitorState('i-1', T0),
          ...(isHeld ? { hold: { since: T0, reason: 'x', by: 'sick-node' } } : {}),
          plans: [{ kind: 'downtime', from: at(leftMs), reason: '' }],
        },
        windows: Object.fromEntries(
          POLICIES.map(({ name }) => [name, at(Math.min(ageMs, sinceMs))]),
        ),
        snapshot: {
          ...{ now: at(ageMs), preparation: READY, sightings: [], orders: [], canPersist: true },
          readings: { ...BUSY, ...readings },
          ...{ jitter: 0, credentialLives: [{ name: 'p', leftMs }] },
        },
        ...{ context, spread: 0.5 },
      });
      for (const { policy, action, because } of judgements) {
        expect([policy, asks.get(policy)?.has(action)]).toEqual([policy, true]);
        expect(because).not.toBe('');
      }
    }),
  );
});
