import type { KnownDirective } from '../../protocol/directive.ts';
import type { DirectiveRecord } from './directive-record.ts';

/**
 * A directive as it stands in an answer. What is left of its life, of its deadline and of a pace is
 * counted anew each time, so that the VM's clock does not matter and repeating it postpones nothing.
 */
export const wireDirective = (directive: DirectiveRecord, nowMs: number): KnownDirective => {
  const { id, reason, by, wish, createdMs, expiresAtMs } = directive;
  const expiresInMs = Math.max(0, expiresAtMs - nowMs);
  const common = { id, reason, expiresInMs, ...(by === '' ? {} : { by: by.slice(0, 2000) }) };
  const left = (ms: number): number => Math.max(0, createdMs + ms - nowMs);
  if (wish.kind === 'drain' && wish.deadlineMs !== undefined)
    return { ...common, ...wish, deadlineMs: left(wish.deadlineMs) };
  if (wish.kind === 'pace') return { ...common, ...wish, forMs: left(wish.forMs) };
  return { ...common, ...wish };
};
