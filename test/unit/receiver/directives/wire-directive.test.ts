import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { isKnownDirective } from '../../../../protocol/directive.ts';
import { DirectiveOrder, planDirective } from '../../../../receiver/directives/directive-order.ts';
import { directiveStatus, directiveView } from '../../../../receiver/directives/directive-view.ts';
import { wireDirective } from '../../../../receiver/directives/wire-directive.ts';

const HOUR = 3_600_000;
const plan = (order: DirectiveOrder) =>
  planDirective(order, { id: 'd-1', vmId: 'vm-1', address: '10.0.0.1', nowMs: 1000 });
const said = { by: 'ada@desk', reason: '', expiresInMs: HOUR };
const drain: DirectiveOrder = { ...said, kind: 'drain', reason: 'x', deadlineMs: 90_000 };

describe('wireDirective', () => {
  it('counts life and deadline from when the order was given, at each sending', () => {
    const directive = plan(drain);
    const sent = { id: 'd-1', kind: 'drain', reason: 'x', by: 'ada@desk at 10.0.0.1' };
    expect(wireDirective(directive, 1000)).toEqual({
      ...sent,
      expiresInMs: HOUR,
      deadlineMs: 90_000,
    });
    expect(wireDirective(directive, 61_000)).toEqual({
      ...sent,
      expiresInMs: HOUR - 60_000,
      deadlineMs: 30_000,
    });
    expect(wireDirective(directive, 2_000_000)).toMatchObject({ deadlineMs: 0 });
  });
  it('leaves the deadline to the VM where none was given', () => {
    const { deadlineMs, ...open } = drain;
    expect(wireDirective(plan(open), 1000)).not.toHaveProperty('deadlineMs');
  });
  it.each<DirectiveOrder>([
    drain,
    { ...said, kind: 'undrain' },
    { ...said, kind: 'halt', mode: 'now' },
    { ...said, kind: 'end-pilot', pilot: '00-3', mode: 'graceful', restart: false },
    { ...said, kind: 'signal', signal: 'USR1', pilot: '00' },
    { ...said, kind: 'collect-logs', of: 'agent' },
    { ...said, kind: 'pace', everyMs: 5000, forMs: 60_000 },
    { ...said, kind: 'rediscover-squids' },
    { ...said, kind: 'reload-context' },
  ])('speaks words that an agent knows: $kind', order => {
    const { by: _by, expiresInMs: _ms, ...wish } = order;
    const sent = wireDirective(plan(order), 1000);
    expect(isKnownDirective(sent)).toBe(true);
    expect(sent).toMatchObject(wish);
  });
  it('counts a pace down, and forgets it once it is over', () => {
    const pace = plan({ ...said, kind: 'pace', everyMs: 5000, forMs: 60_000 });
    expect(wireDirective(pace, 21_000)).toMatchObject({ forMs: 40_000, expiresInMs: 40_000 });
    expect(directiveStatus(pace, 61_000)).toBe('expired');
  });
  it.each([
    ['signal', 15 * 60_000],
    ['end-pilot', HOUR],
    ['reload-context', 24 * HOUR],
  ])('keeps a %s for %i ms, unless it is said otherwise', (kind, ms) => {
    const more = { pilot: '00', signal: 'USR1', mode: 'now', restart: true };
    const order = { ...more, kind, reason: '', by: '' } as DirectiveOrder;
    expect(plan(order)).toMatchObject({ expiresAtMs: 1000 + ms, by: '10.0.0.1' });
  });
});

describe('an order', () => {
  const by = { by: 'ada' };
  it.each<[object, boolean]>([
    [{ ...by, kind: 'end-pilot', pilot: '00' }, true],
    [{ kind: 'end-pilot' }, false],
    [{ kind: 'end-pilot', pilot: 'a' }, false],
    [{ kind: 'end-pilot', pilot: '00', mod: 'now' }, false],
    [{ kind: 'signal', signal: 'USR1' }, true],
    [{ kind: 'signal', signal: 'TERM' }, false],
    [{ kind: 'signal', signal: 'KILL' }, false],
    [{ kind: 'collect-logs' }, true],
    [{ kind: 'collect-logs', of: '../etc' }, false],
    [{ kind: 'pace', everyMs: 1000, forMs: 86_400_000 }, true],
    [{ kind: 'pace', everyMs: 999, forMs: 1000 }, false],
    [{ kind: 'pace', everyMs: 600_001, forMs: 1000 }, false],
    [{ kind: 'pace', everyMs: 1000, forMs: 86_400_001 }, false],
    [{ kind: 'pace', everyMs: 1000 }, false],
    [{ kind: 'rediscover-squids' }, true],
    [{ kind: 'reload-context', context: 'https://example.org' }, false],
  ])('%o is one: %s', (posted, isOrder) => {
    expect(v.is(DirectiveOrder, posted)).toBe(isOrder);
  });
});

describe('directiveStatus', () => {
  const directive = plan(drain);
  it('goes from pending to sent to expired', () => {
    expect(directiveStatus(directive, 2000)).toBe('pending');
    expect(directiveStatus({ ...directive, firstSentMs: 1500 }, 2000)).toBe('sent');
    expect(directiveStatus({ ...directive, firstSentMs: 1500 }, 1000 + HOUR)).toBe('expired');
  });
  it('believes the VM, also when its word came late', () => {
    expect(directiveStatus({ ...directive, outcome: 'done' }, 1000 + 2 * HOUR)).toBe('done');
  });
  it('is shown with times that people read', () => {
    expect(directiveView(directive, 2000)).toMatchObject({
      status: 'pending',
      createdAt: '1970-01-01T00:00:01.000Z',
      deadlineAt: '1970-01-01T00:01:31.000Z',
      firstSentAt: null,
      mode: null,
    });
  });
});
