import type { Context } from '../context/schema.ts';
import type { Moment } from '../moment.ts';
import { POLICIES, PRECEDENCE } from './policy/index.ts';
import type { Judgement } from './policy/policy.ts';
import type { Snapshot } from './snapshot.ts';
import type { MonitorState } from './state.ts';

/** Since when each policy's condition holds. Kept in memory only: a restart begins every window anew. */
export type Windows = Readonly<Record<string, Moment | undefined>>;

export interface JudgeInput {
  state: MonitorState;
  windows: Windows;
  snapshot: Snapshot;
  context: Context;
  spread: number;
}

export type NamedJudgement = Judgement & { policy: string };

/**
 * Asks every policy. Until the context is known no policy can judge: after a restart of the agent, defaults would end a
 * VM that its own context lets live for longer.
 */
export const judge = ({
  state,
  snapshot,
  context,
  windows,
  spread,
}: JudgeInput): NamedJudgement[] =>
  snapshot.preparation.state === 'pending'
    ? []
    : POLICIES.map(policy => ({
        policy: policy.name,
        ...policy.judge({ state, snapshot, context, since: windows[policy.name], spread }),
      }));

/** The strongest action; the first policy that asks for it gives the reason. */
export const strongest = (judgements: readonly NamedJudgement[]): NamedJudgement | undefined =>
  judgements.reduce<NamedJudgement | undefined>(
    (best, next) =>
      PRECEDENCE[next.action] > (best === undefined ? 0 : PRECEDENCE[best.action]) ? next : best,
    undefined,
  );

/** What the policies want becomes a hold or an ending; nothing ever weakens an ending. */
export const settle = (
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
