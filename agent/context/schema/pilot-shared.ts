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

const Stuck = v.strictObject({
  /**
   * A pilot is stuck that for this long has printed nothing, used no processor time to speak of, begun and ended no
   * process, and told of nothing new. One that says it waits for payloads is not.
   */
  after: v.optional(Duration, '12h'),
  /** Its evidence is put beside its logs, and it is ended; with `report`, only the first; with `ignore`, nothing. */
  action: v.optional(v.picklist(['end', 'report', 'ignore'], 'one of: end, report, ignore'), 'end'),
  /** Cores on average that a pilot which does nothing may use. */
  cores: v.optional(v.pipe(v.number('a number'), v.minValue(0), v.maxValue(1)), 0.01),
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
  stuck: v.optional(Stuck, {}),
  backoff: v.optional(Backoff, {}),
};
