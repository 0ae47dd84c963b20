import type { Clock } from '../../platform/clock.ts';
import type { LogPiece, LogShare } from '../../protocol/heartbeat.ts';
import type { LogTails } from './log-tails.ts';

/** Tells the receiver of new lines between two heartbeats, so that a VM that is lost leaves its last words. */
export interface EarlyLogs {
  /** What the receiver last allowed; `undefined` while it allows nothing beside the heartbeats. */
  allow(share: LogShare | undefined, heartbeatMs: number): void;
  /** Bytes of logs that fit into one message. */
  bytes(): number;
  run(signal: AbortSignal): Promise<void>;
}

/** Until a receiver has said more; a fleet of any size can send that with its heartbeats. */
const UNTOLD_BYTES = 16 * 1024;
/** Of a message; control characters take six bytes each where JSON writes them. */
const MOST_BYTES = 32 * 1024;
/** No receiver may ask for more. */
const SOONEST_MS = 1000;
const LOOK_MS = 5000;

/** @param send resolves with what the receiver allows from then on; a failure leaves it to the next heartbeat */
export const createEarlyLogs = (
  { clock, logTails, asks }: { clock: Clock; logTails: LogTails; asks(): boolean },
  send: (logs: LogPiece[]) => Promise<LogShare | undefined>,
): EarlyLogs => {
  let allowed: LogShare | undefined;
  let isEarly = false;
  let askedMs = clock.monotonicMs();

  return {
    allow: (share, heartbeatMs) => {
      allowed = share;
      askedMs = clock.monotonicMs();
      isEarly = share !== undefined && share.everyMs < heartbeatMs;
    },
    bytes: () => Math.min(MOST_BYTES, allowed?.bytes ?? UNTOLD_BYTES),
    run: async signal => {
      while (!signal.aborted) {
        const everyMs = isEarly ? Math.max(SOONEST_MS, allowed?.everyMs ?? 0) : LOOK_MS;
        await clock.sleep(everyMs, signal);
        if (signal.aborted || !isEarly || allowed === undefined) continue;
        const logs = await logTails.collect(Math.min(MOST_BYTES, allowed.bytes));
        // Without new lines it is asked once in a while whether there is something to obey.
        const { askMs = Number.POSITIVE_INFINITY } = asks() ? allowed : {};
        if (logs.length === 0 && clock.monotonicMs() - askedMs < Math.max(everyMs, askMs)) continue;
        askedMs = clock.monotonicMs();
        allowed = await send(logs);
        isEarly &&= allowed !== undefined;
      }
    },
  };
};
