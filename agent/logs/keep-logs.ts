import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Logs } from '../context/schema/logs.ts';
import { PATHS } from '../paths.ts';
import { diskBytesOf } from './log-file.ts';
import type { LogStore } from './log-store.ts';
import { planUpkeep } from './plan-upkeep.ts';

export interface LogKeeperPorts {
  clock: Clock;
  files: Files;
  log: Log;
}

/** Keeps what pilots write within bounds, for as long as the agent runs; beside the ticks. */
export interface LogKeeper {
  /** One look at all logs, and what follows from it; ms until the next one. */
  round(): Promise<number>;
  run(signal: AbortSignal): Promise<void>;
}

const MIB = 1024 * 1024;
const ROUND_MS = 10_000;
const HURRIED_MS = 2000;
/** Between two looks; more than that, and the next one comes soon. */
const MUCH_BYTES = 64 * 1024 * 1024;
/** Some three hundredths of a core at the most; what grows faster loses its oldest instead. */
const COMPRESS_BYTES_PER_S = 4 * 1024 * 1024;
const MOST_COMPRESS_BYTES = 64 * 1024 * 1024;
/** Of the disk, left to everybody else. */
const RESERVE_SHARE = 0.05;
const MOST_RESERVE_BYTES = 512 * 1024 * 1024;

export const createLogKeeper = (
  { clock, files, log }: LogKeeperPorts,
  store: LogStore,
  { perPilotMb, totalMb, keep }: Logs,
): LogKeeper => {
  const limits = { perPilot: perPilotMb * MIB, total: totalMb * MIB, keepMs: keep };
  let lastMs: number | undefined;
  let lastBytes = 0;
  let lastFailure = '';

  const tell = (error: unknown): void => {
    const message = messageOf(error);
    if (message !== lastFailure) log.warn({ error: message }, 'logs could not be kept in bounds');
    lastFailure = message;
  };

  /** Where others fill the disk, logs give way. */
  const roomFor = async (usedBytes: number): Promise<{ total: number; isFull: boolean }> => {
    const free = await files.freeBytes(PATHS.logs);
    const disk = await files.totalBytes(PATHS.logs);
    const reserve = Math.min(MOST_RESERVE_BYTES, disk * RESERVE_SHARE);
    return {
      total: Math.max(0, Math.min(limits.total, usedBytes + free - reserve)),
      isFull: free < reserve,
    };
  };

  const round = async (): Promise<number> => {
    const nowMs = clock.monotonicMs();
    const elapsedMs = lastMs === undefined ? ROUND_MS : nowMs - lastMs;
    lastMs = nowMs;
    const found = await store.survey();
    if (found.length === 0) return ROUND_MS;
    const used = found.reduce((sum, file) => sum + diskBytesOf(file), 0);
    const { total, isFull } = await roomFor(used);
    const allowance = Math.min(MOST_COMPRESS_BYTES, (COMPRESS_BYTES_PER_S * elapsedMs) / 1000);
    const steps = planUpkeep({
      files: found,
      nowMs: clock.wallMs(),
      limits: { ...limits, total, compressBytes: isFull ? 0 : allowance },
    });
    for (const step of steps) {
      try {
        await store.perform(step);
      } catch (error) {
        // The next step may free what this one lacked.
        tell(error);
      }
    }
    const size = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const grown = size - lastBytes;
    lastBytes = size;
    return isFull || grown > MUCH_BYTES ? HURRIED_MS : ROUND_MS;
  };

  return {
    round,
    run: async signal => {
      while (!signal.aborted) {
        let pauseMs = ROUND_MS;
        try {
          pauseMs = await round();
        } catch (error) {
          tell(error);
        }
        await clock.sleep(pauseMs, signal);
      }
    },
  };
};
