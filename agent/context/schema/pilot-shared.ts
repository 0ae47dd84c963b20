import * as v from 'valibot';
import { SLOT_KEYS } from './pilot-slots.ts';
import { Duration, EnvironmentName, whole } from './words.ts';

const Backoff = v.strictObject({
  /** A pilot that ran for less has failed, whatever it says. */
  minimumRun: v.optional(Duration, '1m'),
  first: v.optional(Duration, '10s'),
  most: v.optional(Duration, '10m'),
  /** Failures in a row after which a slot is given up. */
  giveUpAfter: v.optional(whole(1, 1000), 6),
});

const IDLE_END = 'a duration with a unit, such as 90s, 20m or 48h, or false';

/** The keys of `pilots` that every kind understands. */
export const SHARED_PILOT_KEYS = {
  environment: v.optional(
    v.record(
      EnvironmentName,
      v.pipe(v.string('a text'), v.maxLength(4096), v.regex(/^[^\0\n]*$/, 'one line')),
    ),
    {},
  ),
  ...SLOT_KEYS,
  tasksPerSlot: v.optional(whole(16, 4_000_000), 8192),
  restart: v.optional(
    v.picklist(['always', 'on-failure', 'never'], 'one of: always, on-failure, never'),
    'always',
  ),
  /**
   * A pilot that has had no payload for this long is ended, and rests before its next start; `false`: never.
   * Only pilots that tell of their payloads can be idle.
   */
  idleEnd: v.optional(v.union([Duration, v.literal(false)], IDLE_END), '20m'),
  backoff: v.optional(Backoff, {}),
};
