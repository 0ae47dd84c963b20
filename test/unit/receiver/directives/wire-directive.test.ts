import { describe, expect, it } from 'vitest';
import { isKnownDirective } from '../../../../protocol/directive.ts';
import {
  type DirectiveOrder,
  planDirective,
} from '../../../../receiver/directives/directive-order.ts';
import { directiveStatus, directiveView } from '../../../../receiver/directives/directive-view.ts';
import { wireDirective } from '../../../../receiver/directives/wire-directive.ts';

const HOUR = 3_600_000;
const plan = (order: DirectiveOrder) => planDirective(order, 'd-1', 'vm-1', 1000);
const drain: DirectiveOrder = { kind: 'drain', reason: 'x', expiresInMs: HOUR, deadlineMs: 90_000 };

describe('wireDirective', () => {
  it('counts life and deadline from when the order was given, at each sending', () => {
    const directive = plan(drain);
    const sent = { id: 'd-1', kind: 'drain', reason: 'x' };
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
    { kind: 'undrain', reason: '', expiresInMs: HOUR },
    { kind: 'halt', reason: '', expiresInMs: HOUR, mode: 'now' },
  ])('speaks words that an agent knows: $kind', order => {
    expect(isKnownDirective(wireDirective(plan(order), 1000))).toBe(true);
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
