import type { Directive } from '../../protocol/directive.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { wireDirective } from '../directives/wire-directive.ts';
import { wirePeek } from '../peeks/peek-order.ts';
import type { Waiting } from '../storage/storage.ts';

/** What waits for a VM, as it stands in an answer to it: orders go before looks. */
export const wireWaiting = ({ directives, peeks }: Waiting, nowMs: number): Directive[] =>
  [
    ...directives.map(directive => wireDirective(directive, nowMs)),
    ...peeks.map(peek => wirePeek(peek, nowMs)),
  ].slice(0, LIMITS.directives);
