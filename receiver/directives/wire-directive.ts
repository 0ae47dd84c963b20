import type { KnownDirective } from '../../protocol/directive.ts';
import type { DirectiveRecord } from './directive-record.ts';

/**
 * A directive as it stands in an answer. What is left of its life and of its deadline is counted
 * anew each time, so that the VM's clock does not matter and repeating it postpones nothing.
 */
export const wireDirective = (directive: DirectiveRecord, nowMs: number): KnownDirective => {
  const { id, reason, kind } = directive;
  const common = { id, reason, expiresInMs: Math.max(0, directive.expiresAtMs - nowMs) };
  switch (kind) {
    case 'drain':
      return directive.deadlineAtMs === undefined
        ? { ...common, kind }
        : { ...common, kind, deadlineMs: Math.max(0, directive.deadlineAtMs - nowMs) };
    case 'undrain':
      return { ...common, kind };
    case 'halt':
      return { ...common, kind, mode: directive.mode ?? 'graceful' };
  }
};
