import { elapsedMs, type Moment } from '../moment.ts';
import { followEnd } from './follow-end.ts';
import { ofRetired } from './idle-end.ts';
import { OUTCOMES, type Outcome } from './outcome.ts';
import { isAlive, type SlotState } from './slot-state.ts';
import type { SuperviseInput } from './supervise.ts';
import { describeExit, type UnitExit } from './unit/unit.ts';

type Stopping = Extract<SlotState, { state: 'stopping' }>;

/** How long a unit may stay unseen after its start was decided. */
const START_GRACE_MS = 30_000;

/** An end that was asked for says nothing of the slot. */
const stopped = (slot: SlotState, lastExit: string, now: Moment): SlotState => ({
  state: 'waiting',
  generation: slot.generation,
  since: now,
  failures: slot.failures,
  lastExit,
});

/** What an end means, for people too: in its own words, or where that says more than the exit itself. */
const meant = (
  outcome: Outcome,
  exit: string,
  said?: string,
): { outcome: Outcome; lastExit: string } => {
  const isPlain = outcome === 'work-done' || outcome === 'transient';
  const why = said ?? (isPlain ? undefined : OUTCOMES[outcome].told);
  return { outcome, lastExit: why === undefined ? exit : `${exit}: ${why}` };
};

/** A pilot that was ended has ended. */
const noteStop = (slot: Stopping, lastExit: string, input: SuperviseInput): SlotState => {
  const told = slot.because === undefined ? lastExit : `${lastExit}: ${slot.because}`;
  return slot.found === undefined
    ? stopped(slot, told, input.now)
    : followEnd(slot, meant(slot.found, told), input);
};

const noteEnd = (slot: SlotState, exit: UnitExit, input: SuperviseInput): SlotState => {
  const lastExit = describeExit(exit);
  if (slot.state === 'stopping') return noteStop(slot, lastExit, input);
  const ranMs = elapsedMs(slot.since, input.now);
  const outcome = ofRetired(slot, input.policy.classify({ exit, ranMs, last: input.answer }));
  const { joined, said } = input.answer ?? {};
  const why = joined === false && said !== undefined ? ` (${said})` : '';
  const end = meant(outcome, lastExit, input.answer?.end?.why);
  return followEnd(slot, { ...end, lastExit: `${end.lastExit}${why}` }, input);
};

/** Brings what is remembered in line with what is seen. */
export const observeSlot = (slot: SlotState, input: SuperviseInput): SlotState => {
  const { sightings, now } = input;
  const running = sightings
    .filter(({ state }) => state === 'running')
    .map(({ generation }) => generation);
  // A running unit is adopted even if its start was forgotten: a lost state file starts nothing twice.
  const adopted = running.length === 0 ? undefined : Math.max(...running);
  if (adopted !== undefined && (adopted > slot.generation || !isAlive(slot)))
    return { state: 'running', generation: adopted, since: now, failures: slot.failures };
  if (!isAlive(slot)) return slot;
  const own = sightings.find(({ generation }) => generation === slot.generation);
  if (own?.state === 'ended') return noteEnd(slot, own.exit, input);
  // A download may take longer than a start.
  if (own?.state === 'preparing') return slot;
  if (own?.state === 'running')
    return slot.state === 'starting' ? { ...slot, state: 'running' } : slot;
  if (slot.since.bootId !== now.bootId) return stopped(slot, 'lost at a reboot', now);
  if (slot.state === 'starting' && elapsedMs(slot.since, now) < START_GRACE_MS) return slot;
  const lost = slot.state === 'starting' ? 'never started' : 'vanished without a record';
  return slot.state === 'stopping'
    ? noteStop(slot, lost, input)
    : followEnd(slot, { outcome: 'transient', lastExit: lost }, input);
};
