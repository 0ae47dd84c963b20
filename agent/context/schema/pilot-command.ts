import * as v from 'valibot';
import type { Outcome } from '../../pilot/outcome.ts';
import { SHARED_PILOT_KEYS } from './pilot-shared.ts';
import { SlotLayout } from './pilot-slots.ts';
import { text } from './words.ts';

/** What an end may mean; see `OUTCOMES` for what follows. */
const MEANINGS = [
  ...(['work-done', 'no-restart', 'nothing-to-do'] as const),
  ...(['banned', 'bad-node', 'site-problem', 'transient'] as const),
] as const satisfies readonly Outcome[];

/** Pilots that are any program. */
export const CommandPilots = v.strictObject({
  kind: v.literal('command'),
  command: v.pipe(
    v.array(
      v.pipe(v.string('a text'), v.maxLength(4096), v.regex(/^[^\0]*$/, 'no NUL byte')),
      'a list: the program, then its arguments',
    ),
    v.minLength(1, 'at least the program'),
    v.maxLength(256),
    v.check(([program]) => program?.startsWith('/') === true, 'the program by its absolute path'),
  ),
  /** What its exit codes mean, such as `64: bad-node`; its last words go before. Else 0 is work done. */
  exits: v.optional(
    v.record(
      text(/^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/, 'an exit code from 0 to 255'),
      v.picklist(MEANINGS, `one of: ${MEANINGS.join(', ')}`),
    ),
    {},
  ),
  slots: v.optional(SlotLayout, 'per-core'),
  ...SHARED_PILOT_KEYS,
});
export type CommandPilots = v.InferOutput<typeof CommandPilots>;
