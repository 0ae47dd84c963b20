import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Context } from '../context/schema.ts';
import { type Moment, remainingMs } from '../moment.ts';
import { createNow } from '../now.ts';
import { PATHS } from '../paths.ts';

/** A sign of progress, and how long it is good for. */
export interface Sign {
  /** How long the next one may take, ms. */
  boundMs: number;
  /** How long each way of ending the machine may take, ms. */
  stepMs: number;
  /** When the VM is to have ended at the very latest; `undefined` while that is not known. */
  latest: Moment | undefined;
  /** The way of ending to begin with: `force` once an orderly power-off is under way. */
  next: 'stop' | 'force';
}

/**
 * The agent's side of the dead man's watch (bootstrap/dead-man), which ends the VM once no sign has come for its
 * bound. It is told of progress alone: of ticks that were completed, never of mere life.
 */
export interface DeadMan {
  /** Costs a write in memory, no process. Never fails: what cannot be told is told in the log. */
  sign(sign: Sign): Promise<void>;
}

/** The file keeps its size, so that a full memory cannot stop it. */
const LINE_BYTES = 64;
const MOST_SECONDS = 999_999_999;

const seconds = (ms: number): number => Math.min(MOST_SECONDS, Math.max(0, Math.ceil(ms / 1000)));

/** A line as bootstrap/dead-man reads it: `AT BOUND STEP LATEST NEXT`, in whole seconds. */
export const signLine = (sign: Sign, now: Moment): string => {
  const { boundMs, stepMs, latest, next } = sign;
  const ends = latest === undefined ? '-' : seconds(now.monotonicMs + remainingMs(latest, now));
  return `${seconds(now.monotonicMs)} ${seconds(boundMs)} ${seconds(stepMs)} ${ends} ${next}`;
};

/** How long a tick may be awaited: what the context says, but never less than some ticks take. */
export const tickBoundMs = ({ ending, monitor }: Context): number =>
  Math.max(ending.deadMan, 3 * monitor.tick);

/** @param bootId of this boot */
export const createDeadMan = (
  { files, clock, log }: { files: Files; clock: Clock; log: Log },
  bootId: string,
): DeadMan => {
  const now = createNow(clock, bootId);
  let isTold = true;
  return {
    sign: async sign => {
      try {
        await files.overwrite(PATHS.progress, signLine(sign, now()), LINE_BYTES);
        isTold = true;
      } catch (error) {
        // Once for each time that it begins to fail; a tick is every few seconds.
        if (isTold) log.error({ error: messageOf(error) }, 'the dead man’s watch is not told');
        isTold = false;
      }
    },
  };
};
