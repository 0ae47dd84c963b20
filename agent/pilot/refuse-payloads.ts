import { elapsedMs } from '../moment.ts';
import type { SlotState } from './slot-state.ts';
import type { Acts, SuperviseInput, SuperviseOutput } from './supervise.ts';

type Running = Extract<SlotState, { state: 'running' }>;

/** After which a drain that is not followed is told again. */
const REPEAT_MS = 60_000;

/** What was said to it may have been lost, as on a machine that is out of breath. */
export const isDeaf = ({ told, toldAt }: Running, { answer, now }: SuperviseInput): boolean =>
  (told === 'drain' || told === 'refuse') &&
  answer?.draining === false &&
  (toldAt === undefined || elapsedMs(toldAt, now) >= REPEAT_MS);

/** It stays, and takes no more payloads until it is told otherwise. */
export const refuse = (slot: Running, input: SuperviseInput, act: Acts): SuperviseOutput =>
  slot.told === undefined || isDeaf(slot, input)
    ? {
        state: { ...slot, told: 'refuse', toldAt: input.now },
        actions: [act.drain(Number.POSITIVE_INFINITY)],
      }
    : { state: slot, actions: [] };
