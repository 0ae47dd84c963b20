import type { Context } from '../context/schema.ts';
import { later, type Moment } from '../moment.ts';
import { isAlive } from '../pilot/slot-state.ts';
import { causesOf, withCause, withoutCauses } from './drain-causes.ts';
import { POLICIES, PRECEDENCE } from './policy/index.ts';
import type { Judgement, Mode } from './policy/policy.ts';
import type { Snapshot } from './snapshot.ts';
import type { DrainCause, MonitorState } from './state.ts';

/** Since when each policy's condition holds. Kept in memory only: a restart begins every window anew. */
export type Windows = Readonly<Record<string, Moment | undefined>>;

export interface JudgeInput {
  state: MonitorState;
  windows: Windows;
  snapshot: Snapshot;
  context: Context;
  spread: number;
}

export type NamedJudgement = Judgement & { policy: string; mode: Mode };

/**
 * Asks every policy. Until the context is known those that go by it cannot judge: after a restart of the agent,
 * defaults would end a VM that its own context lets live for longer.
 */
export const judge = ({
  state,
  snapshot,
  context,
  windows,
  spread,
}: JudgeInput): NamedJudgement[] => {
  const isPending = snapshot.preparation.state === 'pending';
  const asked = isPending ? POLICIES.filter(policy => policy.judgesUnprepared) : POLICIES;
  const judgements = asked.map(policy => {
    const since = windows[policy.name];
    const judgement = policy.judge({ state, snapshot, context, since, spread });
    const mode = judgement.isBinding === true ? 'enforce' : policy.mode(context);
    return { policy: policy.name, mode, ...judgement };
  });
  return isPending ? judgements.filter(({ action }) => action !== 'none') : judgements;
};

/** Those that are to be followed. */
export const enforced = (judgements: readonly NamedJudgement[]): NamedJudgement[] =>
  judgements.filter(({ mode }) => mode === 'enforce');

/** The strongest action; the first policy that asks for it gives the reason. */
export const strongest = (judgements: readonly NamedJudgement[]): NamedJudgement | undefined =>
  judgements.reduce<NamedJudgement | undefined>(
    (best, next) =>
      PRECEDENCE[next.action] > (best === undefined ? 0 : PRECEDENCE[best.action]) ? next : best,
    undefined,
  );

const settleHold = (
  state: MonitorState,
  judgements: readonly NamedJudgement[],
  isPrepared: boolean,
  now: Moment,
): MonitorState => {
  const holds = enforced(judgements).filter(({ action }) => action === 'hold');
  if (state.hold === undefined) {
    const [first] = holds;
    return first === undefined
      ? state
      : { ...state, hold: { since: now, reason: first.because, by: first.policy } };
  }
  const { hold, ...rest } = state;
  const owner = judgements.find(({ policy }) => policy === hold.by);
  const stays =
    !isPrepared ||
    owner === undefined ||
    owner.keeps === true ||
    holds.some(({ policy }) => policy === hold.by);
  return stays ? state : rest;
};

const settleDrain = (
  state: MonitorState,
  judgements: readonly NamedJudgement[],
  isPrepared: boolean,
  { now, drainDeadline }: { now: Moment; drainDeadline: number },
): MonitorState => {
  const before = state.ending;
  const drains = enforced(judgements).filter(({ action }) => action === 'drain');
  const isOver = ({ by }: DrainCause): boolean => {
    const owner = judgements.find(({ policy }) => policy === by);
    if (!isPrepared || owner === undefined || owner.keeps === true) return false;
    return !drains.some(({ policy }) => policy === by);
  };
  const kept = withoutCauses(before, isOver, now);
  // A held VM without a pilot has nothing to drain: it waits for the end of its hold, with its evidence.
  const isEmpty = !Object.values(state.slots).some(isAlive);
  const isResting = state.hold !== undefined && isEmpty;
  const added = isResting ? drains.filter(({ isBinding }) => isBinding === true) : drains;
  const ending = added.reduce((ending, { policy, because, deadline, graceMs }) => {
    const known = causesOf(ending).find(({ by }) => by === policy)?.deadline;
    const until = deadline ?? known ?? later(now, drainDeadline);
    const hasty = graceMs === undefined ? {} : { graceMs };
    const cause = { by: policy, since: now, deadline: until, reason: because, ...hasty };
    return withCause(ending, cause, now);
  }, kept);
  if (ending === before) return state;
  const { ending: _replaced, ...rest } = state;
  return ending === undefined ? rest : { ...rest, ending };
};

/**
 * What the policies want becomes a hold or an ending. Nothing ever weakens a halt; a drain or hold of a
 * policy ends once that policy no longer asks for it, and nobody else's with it.
 */
export const settle = (
  state: MonitorState,
  judgements: readonly NamedJudgement[],
  { now, preparation }: Pick<Snapshot, 'now' | 'preparation'>,
  { ending: { drainDeadline } }: Pick<Context, 'ending'>,
): MonitorState => {
  if (state.ending?.kind === 'halt') return state;
  const winner = strongest(enforced(judgements));
  if (winner?.action === 'halt') {
    const why = { by: winner.policy, reason: winner.because };
    return { ...state, ending: { kind: 'halt', since: now, mode: 'graceful', ...why } };
  }
  const isPrepared = preparation.state === 'done';
  const held = settleHold(state, judgements, isPrepared, now);
  return settleDrain(held, judgements, isPrepared, { now, drainDeadline });
};
