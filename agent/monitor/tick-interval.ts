import { isAlive } from '../pilot/slot-state.ts';
import type { MonitorState } from './state.ts';

const HURRIED_MS = 1000;

/** ms until the next look: short while a pilot is about to start or to end. Pure. */
export const tickIntervalMs = (
  { ending, slots }: Pick<MonitorState, 'ending' | 'slots'>,
  usualMs: number,
): number => {
  const pilots = Object.values(slots);
  const isTurning =
    ending?.kind === 'halt' ||
    pilots.some(({ state }) => state === 'stopping' || state === 'starting');
  return isTurning && pilots.some(isAlive) ? Math.min(HURRIED_MS, usualMs) : usualMs;
};
