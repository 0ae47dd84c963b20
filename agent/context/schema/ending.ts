import * as v from 'valibot';
import { Duration } from './words.ts';

const atLeast = (ms: number, told: string) =>
  v.pipe(
    Duration,
    v.check(value => value >= ms, `at least ${told}`),
  );

/** How a VM ends. */
export const Ending = v.strictObject({
  /** How long running pilots may go on after a drain, where the drain itself does not say. */
  drainDeadline: v.optional(Duration, '24h'),
  /** From TERM to KILL. */
  killGrace: v.optional(Duration, '1m'),
  /** Time for the last heartbeat and logs before the power goes. */
  farewell: v.optional(Duration, '30s'),
  /**
   * When the system is told to stop (power button, ACPI, the cloud): how long that may take until all is over.
   * Nova cuts the power after a minute by default. More than the agent's unit has (TimeoutStopSec) is cut.
   */
  systemStop: v.optional(Duration, '50s'),
  /** How long each way of powering off may take, in order and then by force, before the next one is gone. */
  powerOff: v.optional(atLeast(10_000, '10s'), '3m'),
  /**
   * Ends the VM once its agent has not completed a tick for so long, whatever became of it; and once the VM has
   * outlived its life time by as much.
   */
  deadMan: v.optional(atLeast(60_000, '1m'), '15m'),
  /**
   * The cloud deletes the VM once it has powered off, as EC2 does where its
   * instance-initiated-shutdown-behavior is terminate. Else the receiver has it deleted wherever a VM that is off
   * is still billed.
   */
  powerOffDeletes: v.optional(v.boolean()),
});
export type Ending = v.InferOutput<typeof Ending>;
