import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Power } from '../../platform/power.ts';
import { waitAtMost } from '../../platform/with-deadline.ts';
import type { DeadMan } from './dead-man.ts';
import type { Watchdog } from './watchdog.ts';

export interface EndVmParts {
  clock: Clock;
  log: Log;
  power: Power;
  deadMan: DeadMan;
  watchdog: Watchdog;
  /** `ending` of the context: for the farewell, and for each way of powering off, ms. */
  farewellMs: number;
  stepMs: number;
  /** The last heartbeat and logs; true if the receiver heard it. */
  farewell(): Promise<boolean>;
  /** Leaves what the VM came to where people look for it. */
  leave(): Promise<void>;
  /** Publishes that all is over. */
  publish(): Promise<void>;
  /** A line for the console. */
  announce(line: string): Promise<void>;
  /** Aborts once this process is told to end, as the power-off does. */
  stopping: AbortSignal;
}

/** Files of others may hang, as on a file server that has gone; so may a console that nobody reads. */
const SMALL_MS = 5000;
/** What the farewell may take beyond its time, to notice that it is over. */
const SLACK_MS = 15_000;
const BEAT_MS = 30_000;

/**
 * The end of a VM whose pilots have ended: last words, then the power. Each step is bounded in time, and
 * whatever goes wrong in one, also by a mistake of ours, the next one follows. Below it the dead man's watch counts
 * as well.
 */
export const endVm = async (
  parts: EndVmParts,
  { reason, shutdownMessage }: { reason: string; shutdownMessage: string },
): Promise<void> => {
  const { clock, log, power, deadMan, watchdog, farewellMs, stepMs, stopping } = parts;

  /** @returns `undefined` if it failed, or was not done in time */
  const within = <T>(ms: number, what: string, work: () => Promise<T>): Promise<T | undefined> => {
    const done = (async () => work())().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, `${what} failed`);
      return undefined;
    });
    return waitAtMost(clock, ms, done);
  };

  const sign = (boundMs: number, next: 'stop' | 'force') =>
    within(SMALL_MS, 'telling the dead man’s watch', () =>
      deadMan.sign({ boundMs, stepMs, latest: undefined, next }),
    );

  const over = new AbortController();
  /** systemd's watchdog, which knows of ticks alone, must not end an agent that uploads its logs. */
  const beat = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await watchdog.progress();
      await clock.sleep(BEAT_MS, over.signal);
    }
  };

  const beating = beat();
  try {
    await sign(farewellMs + SLACK_MS + 4 * SMALL_MS + BEAT_MS, 'stop');
    const leaving = within(farewellMs + SMALL_MS, 'leaving what the VM came to', parts.leave);
    const heard = await within(farewellMs + SLACK_MS, 'the farewell', parts.farewell);
    await waitAtMost(clock, SMALL_MS, leaving);
    await within(SMALL_MS, 'publishing the last status', parts.publish);
    log.info({ reason, shutdownMessage, receiverHeard: heard === true }, 'farewell');
    await within(SMALL_MS, 'the console', () => parts.announce(`powering off: ${reason}`));
    await sign(stepMs + BEAT_MS, 'force');
    await power.off({ reason, stepMs, stopping });
  } finally {
    over.abort();
    await beating;
  }
};
