import type { Context } from '../context/schema.ts';
import { remainingMs } from '../moment.ts';
import {
  isAlive,
  newSlot,
  type PilotAction,
  type SupervisePolicy,
  superviseSlot,
  type Wish,
} from '../pilot/supervise.ts';
import type { Snapshot } from './snapshot.ts';
import type { MonitorState } from './state.ts';

const wishFor = (
  { ending, hold }: MonitorState,
  { preparation, canPersist, now }: Snapshot,
): Wish => {
  if (ending?.kind === 'halt') return ending.mode === 'now' ? 'kill' : 'terminate';
  if (ending?.kind === 'drain')
    return remainingMs(ending.deadline, now) <= 0 ? 'terminate' : 'no-new';
  return hold === undefined && preparation.state === 'done' && canPersist ? 'work' : 'no-new';
};

const supervisePolicy = ({ pilots, ending }: Context): SupervisePolicy => ({
  restart: pilots?.restart ?? 'never',
  minimumRun: pilots?.backoff.minimumRun ?? 0,
  first: pilots?.backoff.first ?? 0,
  most: pilots?.backoff.most ?? 0,
  giveUpAfter: pilots?.backoff.giveUpAfter ?? 1,
  killGrace: ending.killGrace,
});

/** One look at every slot, and what is to be done with its pilot. */
export const superviseSlots = (
  state: MonitorState,
  snapshot: Snapshot,
  context: Context,
): { state: MonitorState; actions: PilotAction[] } => {
  // How a pilot that ended is to be followed is known only with the context; its record waits.
  if (snapshot.preparation.state === 'pending' && state.ending === undefined)
    return { state, actions: [] };
  const wish = wishFor(state, snapshot);
  const policy = supervisePolicy(context);
  // A unit of a slot that is not in the state, as after a lost state file, still gets its supervision.
  const strays = snapshot.sightings
    .map(({ slot }) => slot)
    .filter(slot => state.slots[slot] === undefined);
  const slots = { ...state.slots };
  for (const slot of strays) slots[slot] = newSlot(snapshot.now);
  // A slot that a changed context no longer has gets no new pilot, and goes when its last one has ended.
  const planned = new Set(
    snapshot.preparation.state === 'done' ? snapshot.preparation.slots.map(({ name }) => name) : [],
  );
  const isRetired = (slot: string): boolean =>
    snapshot.preparation.state === 'done' && !planned.has(slot);
  const actions: PilotAction[] = [];
  for (const [slot, known] of Object.entries(slots)) {
    const sightings = snapshot.sightings.filter(sighting => sighting.slot === slot);
    const next = superviseSlot(known, {
      slot,
      now: snapshot.now,
      sightings,
      wish: wish === 'work' && isRetired(slot) ? 'no-new' : wish,
      policy,
      jitter: snapshot.jitter,
    });
    if (isRetired(slot) && !isAlive(next.state)) delete slots[slot];
    else slots[slot] = next.state;
    actions.push(...next.actions);
  }
  return { state: { ...state, slots }, actions };
};
