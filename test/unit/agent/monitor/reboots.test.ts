import { describe, expect, test } from 'vitest';
import { reboots } from '../../../../agent/monitor/policy/reboots.ts';
import { shutdownMessageOf } from '../../../../agent/monitor/shutdown-message.ts';
import { contextOf, createWorld, READY } from './worlds.ts';

const ALLOWED = contextOf({ policies: { reboots: 'allow' } });

describe('a VM that is up again', () => {
  test.each([
    ['first', contextOf(), 'none', /not rebooted/, 'running'],
    ['asked', contextOf(), 'none', /as it was told to/, 'running'],
    ['unasked', contextOf(), 'halt', /nobody had told it to$/, 'halting'],
    ['unasked', ALLOWED, 'halt', /nobody had told it to$/, 'running'],
  ] as const)('%s', (boot, context, action, because, phase) => {
    const decision = createWorld(context).tick({ boot });
    const verdict = decision.verdicts.find(({ policy }) => policy === reboots.name);
    expect(verdict?.action).toBe(action);
    expect(verdict?.because).toMatch(because);
    expect(decision.phase).toBe(phase);
  });

  test('unasked starts no pilot, tells why, and ends', () => {
    const world = createWorld();
    const decision = world.tick({ boot: 'unasked' });
    expect(decision.actions).toEqual([]);
    expect(decision.finish).toBe(true);
    expect(decision.reason).toMatch(/^reboots: .*nobody had told it to$/);
    const ending = {
      ...({ kind: 'halt', mode: 'graceful', by: 'reboots', reason: 'it went down' } as const),
      since: { bootId: 'b', monotonicMs: 0, wallMs: 0 },
    };
    expect(shutdownMessageOf({ ending, slots: {} })).toMatch(/^500 .*reboots: it went down$/);
  });

  test('waits for its context, which may allow it', () => {
    const world = createWorld(ALLOWED);
    expect(world.tick({ boot: 'unasked', preparation: { state: 'pending' } }).phase).toBe(
      'contextualizing',
    );
    expect(world.tick({ boot: 'unasked', preparation: READY }).phase).toBe('running');
  });
});
