import * as v from 'valibot';
import { SHARED_PILOT_KEYS } from './pilot-shared.ts';
import { SlotLayout } from './pilot-slots.ts';

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
  slots: v.optional(SlotLayout, 'per-core'),
  ...SHARED_PILOT_KEYS,
});
export type CommandPilots = v.InferOutput<typeof CommandPilots>;
