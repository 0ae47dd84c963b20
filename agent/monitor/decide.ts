import type { Verdict } from '../../protocol/heartbeat.ts';
import type { VmState } from '../../protocol/words.ts';
import type { Context } from '../context/schema.ts';
import { elapsedMs, type Moment, remainingMs } from '../moment.ts';
import {
  isAlive,
  newSlot,
  type PilotAction,
  type SupervisePolicy,
  superviseSlot,
  type Wish,
} from '../pilot/supervise.ts';
import { obey } from './obey.ts';
import { POLICIES, PRECEDENCE } from './policy/index.ts';
import type { Judgement } from './policy/policy.ts';
import type { Snapshot } from './snapshot.ts';
import { type Ending, KEPT_TURNS, type MonitorState } from './state.ts';

/** Since when each policy's condition holds. Kept in memory only: a restart begins every window anew. */
export type Windows = Readonly<Record<string, Moment | undefined>>;

export interface Decision {
  phase: VmState;
  reason: string;
  verdicts: Verdict[];
  actions: PilotAction[];
  /** When the pilots will be ended, as Machine/Job Features tells them. */
  shutdown: Moment | undefined;
  /** All pilots have ended, or cannot be ended: say farewell and power off. */
  finish: boolean;
}

export interface DecideInput {
  state: MonitorState;
  windows: Windows;
  snapshot: Snapshot;
  context: Context;
  spread: number;
}

export interface DecideOutput {
  state: MonitorState;
  windows: Windows;
  decision: Decision;
}

/** How long a killed pilot may still be seen before the VM ends without it. */
const UNKILLABLE_MS = 60_000;

type NamedJudgement = Judgement & { policy: string };

/**
 * Until the context is known no policy can judge: after a restart of the agent, defaults would end a
 * VM that its own context lets live for longer.
 */
const judge = ({ state, snapshot, context, windows, spread }: DecideInput): NamedJudgement[] =>
  snapshot.preparation.state === 'pending'
    ? []
    : POLICIES.map(policy => ({
        policy: policy.name,
        ...policy.judge({ state, snapshot, context, since: windows[policy.name], spread }),
      }));

/** The strongest action; the first policy that asks for it gives the reason. */
const strongest = (judgements: readonly NamedJudgement[]): NamedJudgement | undefined =>
  judgements.reduce<NamedJudgement | undefined>(
    (best, next) =>
      PRECEDENCE[next.action] > (best === undefined ? 0 : PRECEDENCE[best.action]) ? next : best,
    undefined,
  );

/** What the policies want becomes a hold or an ending; nothing ever weakens an ending. */
const settle = (
  state: MonitorState,
  winner: NamedJudgement | undefined,
  now: Moment,
): MonitorState => {
  if (winner === undefined || state.ending?.kind === 'halt') return state;
  const why = { by: winner.policy, reason: winner.because };
  if (winner.action === 'halt')
    return { ...state, ending: { kind: 'halt', since: now, mode: 'graceful', ...why } };
  if (winner.action === 'hold' && state.hold === undefined)
    return { ...state, hold: { since: now, reason: winner.because } };
  if (winner.action === 'drain' && state.ending === undefined)
    return {
      ...state,
      ending: { kind: 'drain', since: now, deadline: winner.deadline ?? now, ...why },
    };
  return state;
};

const notePreparation = (state: MonitorState, { preparation, now }: Snapshot): MonitorState => {
  if (preparation.state === 'failed' && state.hold === undefined)
    return { ...state, hold: { since: now, reason: preparation.reason } };
  if (preparation.state !== 'done') return state;
  const slots = preparation.slots.map(
    ({ name }) => [name, state.slots[name] ?? newSlot(now)] as const,
  );
  return { ...state, slots: { ...state.slots, ...Object.fromEntries(slots) } };
};

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

const supervise = (
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
  const actions: PilotAction[] = [];
  for (const [slot, known] of Object.entries(slots)) {
    const sightings = snapshot.sightings.filter(sighting => sighting.slot === slot);
    const next = superviseSlot(known, {
      slot,
      now: snapshot.now,
      sightings,
      wish,
      policy,
      jitter: snapshot.jitter,
    });
    slots[slot] = next.state;
    actions.push(...next.actions);
  }
  return { state: { ...state, slots }, actions };
};

/** A drain ends in a halt once the last pilot has ended. */
const endDrain = (state: MonitorState, now: Moment): MonitorState => {
  const { ending } = state;
  if (ending?.kind !== 'drain' || Object.values(state.slots).some(isAlive)) return state;
  return {
    ...state,
    ending: {
      kind: 'halt',
      since: now,
      mode: 'graceful',
      by: ending.by,
      reason: `drained: ${ending.reason}`,
    },
  };
};

const phaseOf = (
  { ending, hold }: MonitorState,
  { preparation }: Snapshot,
): { phase: VmState; reason: string } => {
  const said = (ending: Ending) =>
    ending.reason === '' ? ending.by : `${ending.by}: ${ending.reason}`;
  if (ending?.kind === 'halt') return { phase: 'halting', reason: said(ending) };
  if (hold !== undefined) return { phase: 'failed', reason: hold.reason };
  if (ending?.kind === 'drain') return { phase: 'draining', reason: said(ending) };
  return { phase: preparation.state === 'pending' ? 'contextualizing' : 'running', reason: '' };
};

const isFinished = ({ ending, slots }: MonitorState, now: Moment, killGrace: number): boolean =>
  ending?.kind === 'halt' &&
  (!Object.values(slots).some(isAlive) ||
    elapsedMs(ending.since, now) >= killGrace + UNKILLABLE_MS);

const noteTurn = (
  state: MonitorState,
  { phase, reason }: { phase: VmState; reason: string },
  verdicts: readonly Verdict[],
  now: Moment,
): MonitorState => {
  const last = state.turns.at(-1);
  if (last?.phase === phase && last.reason === reason) return state;
  const because = verdicts.map(
    verdict => `${verdict.policy}: ${verdict.action} (${verdict.because})`,
  );
  return {
    ...state,
    turns: [...state.turns, { wallMs: now.wallMs, phase, reason, because }].slice(-KEPT_TURNS),
  };
};

/**
 * One decision: orders, then policies, then pilots. A pure reducer: the same state, snapshot and
 * context always give the same decision, and time is a part of the snapshot.
 */
export const decide = (input: DecideInput): DecideOutput => {
  const { snapshot, context } = input;
  const { now } = snapshot;
  const ordered = obey(notePreparation(input.state, snapshot), snapshot.orders, now, context);
  const judgements = judge({ ...input, state: ordered });
  const verdicts = judgements.map(({ policy, action, because }) => ({ policy, action, because }));
  const supervised = supervise(settle(ordered, strongest(judgements), now), snapshot, context);
  const settled = endDrain(supervised.state, now);
  const turn = phaseOf(settled, snapshot);
  const { ending } = settled;
  return {
    state: noteTurn(settled, turn, verdicts, now),
    windows: Object.fromEntries(judgements.map(({ policy, since }) => [policy, since])),
    decision: {
      ...turn,
      verdicts,
      actions: supervised.actions,
      shutdown: ending?.kind === 'drain' ? ending.deadline : ending?.since,
      finish: isFinished(settled, now, context.ending.killGrace),
    },
  };
};
