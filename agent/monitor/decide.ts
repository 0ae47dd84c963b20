import type { Verdict } from '../../protocol/heartbeat.ts';
import type { VmState } from '../../protocol/words.ts';
import type { Context } from '../context/schema.ts';
import { elapsedMs, type Moment } from '../moment.ts';
import { isAlive, newSlot, type SlotState } from '../pilot/slot-state.ts';
import type { PilotAction } from '../pilot/supervise.ts';
import { isUnkillable, UNKILLABLE_MS } from '../pilot/unkillable.ts';
import { describeVerdict } from './describe-verdict.ts';
import { hasten } from './ending-times.ts';
import { hardEndOf } from './hard-end.ts';
import { enforced, type JudgeInput, judge, settle, type Windows } from './judge.ts';
import { noteReceiver } from './note-receiver.ts';
import { obey } from './obey.ts';
import { settleErrands } from './orders/obey-errand.ts';
import type { Repair } from './repair.ts';
import type { Snapshot } from './snapshot.ts';
import { type Ending, KEPT_TURNS, type MonitorState } from './state.ts';
import { superviseSlots } from './supervise-slots.ts';

export interface Decision {
  phase: VmState;
  reason: string;
  verdicts: Verdict[];
  actions: PilotAction[];
  /** What may make the node well again. */
  repairs: readonly Repair[];
  /** When the pilots of a VM that drains or halts will be ended, as the drain file tells them. */
  shutdown: Moment | undefined;
  /** All payloads must have ended by then, whatever happens before. */
  hardEnd: Moment;
  /** All pilots have ended, or cannot be ended: say farewell and power off. */
  finish: boolean;
}

export interface DecideOutput {
  state: MonitorState;
  windows: Windows;
  decision: Decision;
}

const notePreparation = (state: MonitorState, { preparation, now }: Snapshot): MonitorState => {
  if (preparation.state === 'failed' && state.hold === undefined)
    return { ...state, hold: { since: now, reason: preparation.reason, isUnprepared: true } };
  if (preparation.state !== 'done') return state;
  const isLifted = state.hold?.isUnprepared === true;
  const added = preparation.slots.filter(({ name }) => state.slots[name] === undefined);
  if (!isLifted && added.length === 0) return state;
  const { hold, ...rest } = state;
  const slots = Object.fromEntries(added.map(({ name }) => [name, newSlot(now)]));
  return {
    ...rest,
    ...(hold === undefined || isLifted ? {} : { hold }),
    slots: { ...state.slots, ...slots },
  };
};

/** A drain ends in a halt once the last pilot has ended; one that cannot be killed is not waited for. */
const endDrain = (state: MonitorState, now: Moment, killGrace: number): MonitorState => {
  const { ending } = state;
  if (ending?.kind !== 'drain') return state;
  const isAwaited = (slot: SlotState): boolean =>
    isAlive(slot) && !isUnkillable(slot, now, killGrace);
  if (Object.values(state.slots).some(isAwaited)) return state;
  return {
    ...state,
    ending: {
      kind: 'halt',
      since: now,
      mode: 'graceful',
      by: ending.by,
      reason: `drained: ${ending.reason}`,
      ...(ending.graceMs === undefined ? {} : { graceMs: ending.graceMs }),
    },
  };
};

const phaseOf = (
  { ending, hold }: MonitorState,
  { preparation }: Snapshot,
  refusing: string | undefined,
): { phase: VmState; reason: string } => {
  const said = (ending: Ending) =>
    ending.reason === '' ? ending.by : `${ending.by}: ${ending.reason}`;
  if (ending?.kind === 'halt') return { phase: 'halting', reason: said(ending) };
  if (hold !== undefined) return { phase: 'failed', reason: hold.reason };
  if (ending?.kind === 'drain') return { phase: 'draining', reason: said(ending) };
  if (preparation.state === 'pending') return { phase: 'contextualizing', reason: '' };
  const reason = refusing === undefined ? '' : `${refusing}: no new pilots and payloads`;
  return { phase: 'running', reason };
};

/** What outlives KILL is waited for, but not beyond the hard end of the VM. */
const isFinished = (
  { ending, slots, firstStart }: MonitorState,
  before: MonitorState,
  now: Moment,
  { ending: { killGrace, farewell }, policies }: Context,
): boolean => {
  if (ending?.kind !== 'halt') return false;
  if (!Object.values(slots).some(isAlive)) return true;
  if (elapsedMs(ending.since, now) >= killGrace + UNKILLABLE_MS) return true;
  const wereKilled = Object.values(before.slots).every(
    slot => !isAlive(slot) || (slot.state === 'stopping' && slot.killed),
  );
  return wereKilled && elapsedMs(firstStart, now) >= policies.lifetime.max - farewell;
};

const noteTurn = (
  state: MonitorState,
  { phase, reason }: { phase: VmState; reason: string },
  verdicts: readonly Verdict[],
  now: Moment,
): MonitorState => {
  const last = state.turns.at(-1);
  if (last?.phase === phase && last.reason === reason) return state;
  const because = verdicts.map(describeVerdict);
  return {
    ...state,
    turns: [...state.turns, { wallMs: now.wallMs, phase, reason, because }].slice(-KEPT_TURNS),
  };
};

/** It is shown on one line, and there are many of them in a heartbeat. */
const MAX_BECAUSE_CHARS = 500;

/**
 * One decision: orders, then policies, then pilots. A pure reducer: the same state, snapshot and
 * context always give the same decision, and time is a part of the snapshot.
 */
export const decide = (input: JudgeInput): DecideOutput => {
  const { snapshot, context } = input;
  const { now } = snapshot;
  const prepared = settleErrands(notePreparation(input.state, snapshot), snapshot);
  const noted = noteReceiver(prepared, snapshot, context);
  const ordered = obey(noted, snapshot.orders, now, context);
  const judgements = judge({ ...input, state: ordered });
  const verdicts = judgements.map(({ policy, action, because, mode }) => {
    return { policy, action, because: because.slice(0, MAX_BECAUSE_CHARS), mode };
  });
  const wanted = enforced(judgements);
  const refusing = wanted.find(({ action }) => action === 'no-new');
  const decided = settle(ordered, judgements, snapshot, context);
  const hasty = hasten(decided, context);
  const supervised = superviseSlots(decided, snapshot, hasty, refusing !== undefined);
  const settled = endDrain(supervised.state, now, hasty.ending.killGrace);
  const turn = phaseOf(settled, snapshot, refusing?.policy);
  const { ending } = settled;
  return {
    state: noteTurn(settled, turn, verdicts, now),
    windows: Object.fromEntries(
      judgements.flatMap(({ policy, since }) => (since === undefined ? [] : [[policy, since]])),
    ),
    decision: {
      ...turn,
      verdicts,
      actions: supervised.actions,
      repairs: wanted.flatMap(({ repairs = [] }) => repairs),
      hardEnd: hardEndOf(settled, context),
      shutdown: ending?.kind === 'drain' ? ending.deadline : ending?.since,
      finish: isFinished(settled, input.state, now, hasty),
    },
  };
};
