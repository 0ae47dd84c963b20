import * as v from 'valibot';
import { Duration, whole } from './words.ts';

/** What becomes of the logs of pilots: how much of them stays on the VM. */

export const Logs = v.strictObject({
  /** Most that the logs of one pilot take on the disk; what is old is compressed, then goes. */
  perPilotMb: v.optional(whole(1, 1_000_000), 32),
  /** Most that the logs of all pilots take. They give way before that where others fill the disk. */
  totalMb: v.optional(whole(1, 10_000_000), 1024),
  /** How long the logs of a pilot that has ended are kept. */
  keep: v.optional(Duration, '7d'),
});
export type Logs = v.InferOutput<typeof Logs>;
