import type { Context } from '../context/schema.ts';
import { remainingMs } from '../moment.ts';
import { kindOf } from '../pilot/kinds/index.ts';
import { isAlive, newSlot } from '../pilot/slot-state.ts';
import {
  type PilotAction,
  type SupervisePolicy,
  superviseSlot,
  type Wish,
} from '../pilot/supervise.ts';
import { isSuccess, unitId } from '../pilot/unit/unit.ts';
import type { Snapshot } from './snapshot.ts';
import type { MonitorState } from './state.ts';

const wishFor = (
  { ending, hold }: MonitorState,
  { preparation, canPersist, now }: Snapshot,
  isRefusing: boolean,
): { wish: Wish; leftMs: number } => {
  if (ending?.kind === 'halt')
    return { wish: ending.mode === 'now' ? 'kill' : 'terminate', leftMs: 0 };
  if (ending?.kind === 'drain') {
    const leftMs = remainingMs(ending.deadline, now);
    return leftMs <= 0 ? { wish: 'terminate', leftMs: 0 } : { wish: 'drain', leftMs };
  }
  const leftMs = Number.POSITIVE_INFINITY;
  if (preparation.state !== 'done' || !canPersist) return { wish: 'no-new', leftMs };
  return { wish: hold === undefined && !isRefusing ? 'work' : 'refuse', leftMs };
};

/** What is left of supervision where no context says how. */
const UNKNOWN: Omit<SupervisePolicy, 'killGrace'> = {
  ...{ restart: 'never', minimumRun: 0, first: 0, most: 0, giveUpAfter: 1 },
  ...{ isTold: false, hurryMs: 0, idleEnd: undefined, stop: { signal: 'TERM', to: 'all' } },
  classify: ({ exit }) => (isSuccess(exit) ? 'work-done' : 'transient'),
};

/** How much later an idle pilot is ended that should have ended by itself. */
const OWN_END_MS = 300_000;

const supervisePolicy = ({
  pilots,
  ending: { killGrace },
}: Pick<Context, 'pilots' | 'ending'>): SupervisePolicy => {
  if (pilots === undefined) return { ...UNKNOWN, killGrace };
  const { tell, stop, classify, endsIdle } = kindOf(pilots);
  const { minimumRun, first, most, giveUpAfter } = pilots.backoff;
  return {
    ...{ restart: pilots.restart, minimumRun, first, most, giveUpAfter, killGrace, stop },
    isTold: tell !== undefined,
    hurryMs: tell?.hurryMs(pilots) ?? 0,
    idleEnd: pilots.idleEnd === false ? undefined : pilots.idleEnd + (endsIdle ? OWN_END_MS : 0),
    classify: end => classify(end, pilots),
  };
};

/** Without the ends that have begun, or are not needed any more; what becomes of a run then stands in its slot. */
const openEnds = (state: MonitorState, slots: MonitorState['slots']): MonitorState => {
  const { ends, ...rest } = state;
  const left = Object.entries(ends ?? {}).filter(([name, { generation }]) => {
    const slot = slots[name];
    const isOpen = slot !== undefined && isAlive(slot) && slot.state !== 'stopping';
    return isOpen && slot.generation === generation;
  });
  return left.length === 0 ? rest : { ...rest, ends: Object.fromEntries(left) };
};

/**
 * One look at every slot, and what is to be done with its pilot.
 * @param isRefusing neither a pilot nor a payload is to be begun
 */
export const superviseSlots = (
  state: MonitorState,
  snapshot: Snapshot,
  context: Context,
  isRefusing = false,
): { state: MonitorState; actions: PilotAction[] } => {
  // How a pilot that ended is to be followed is known only with the context; its record waits.
  if (snapshot.preparation.state === 'pending' && state.ending === undefined)
    return { state, actions: [] };
  const { wish, leftMs } = wishFor(state, snapshot, isRefusing);
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
      lookedAt: snapshot.lookedAt,
      sightings,
      answer: snapshot.answers?.get(unitId({ slot, generation: known.generation })),
      wish: (wish === 'work' || wish === 'refuse') && isRetired(slot) ? 'drain' : wish,
      offence: snapshot.stuck?.get(slot) ?? snapshot.offences?.get(slot),
      end: state.ends?.[slot],
      leftMs,
      policy,
      jitter: snapshot.jitter,
    });
    if (isRetired(slot) && !isAlive(next.state)) delete slots[slot];
    else slots[slot] = next.state;
    actions.push(...next.actions);
  }
  return { state: { ...openEnds(state, slots), slots }, actions };
};
