import { PilotageError } from '../../platform/errors.ts';
import type { Verdict } from '../../protocol/heartbeat.ts';
import type { VmState } from '../../protocol/words.ts';
import type { Context } from '../context/schema.ts';
import { later, type Moment } from '../moment.ts';
import { type Decision, decide } from '../monitor/decide.ts';
import type { Windows } from '../monitor/judge.ts';
import type { Readings, Snapshot } from '../monitor/snapshot.ts';
import { type MonitorState, newMonitorState } from '../monitor/state.ts';
import type { Trace } from './trace.ts';
import { createTracePilots } from './trace-pilots.ts';
import { createTraceView } from './trace-view.ts';

/** What the VM would have done, from this moment of the trace on, and why. */
export interface ReplayTurn {
  atMs: number;
  phase: VmState;
  reason: string;
  readings: Readings;
  verdicts: readonly Verdict[];
}

export interface Replay {
  /** At each change of what it does, or of what a policy asks for. */
  turns: readonly ReplayTurn[];
  /** At the end of the trace, or at the halt, after which nothing of the trace would have come to pass. */
  end: ReplayTurn;
  looks: number;
}

/** Longer traces are refused, since nobody would wait for them. */
const MOST_LOOKS = 500_000;

const HERE: Moment = { bootId: 'trace', monotonicMs: 0, wallMs: 0 };

const changeOf = ({ phase, reason, verdicts }: Decision): string =>
  JSON.stringify([phase, reason, verdicts.map(({ policy, action }) => [policy, action])]);

/** When the agent looks: at each line, and at every tick in between. */
function* looksOf({ lines }: Trace, tickMs: number): Generator<{ atMs: number; line?: number }> {
  for (const [index, { atMs, unseen }] of lines.entries()) {
    const before = lines[index - 1]?.atMs;
    if (before !== undefined && unseen !== true)
      for (let tick = before + tickMs; tick < atMs; tick += tickMs) yield { atMs: tick };
    yield { atMs, line: index };
  }
}

const countLooks = ({ lines }: Trace, tickMs: number): number =>
  lines.length + ((lines.at(-1)?.atMs ?? 0) - (lines[0]?.atMs ?? 0)) / tickMs;

/**
 * What the policies of a context make of a trace: the reducer of the agent itself, on what another agent saw. What
 * it decides changes nothing of what follows, but that pilots that it would have ended have ended. Pure.
 */
export const replayTrace = (trace: Trace, context: Context): Replay => {
  const { head } = trace;
  const tickMs = context.monitor.tick;
  if (countLooks(trace, tickMs) > MOST_LOOKS)
    throw new PilotageError(
      'trace-invalid',
      `the trace is too long: more than ${MOST_LOOKS} looks; remedy: a shorter one, or a longer monitor.tick`,
    );
  const look = createTraceView(head);
  const pilots = createTracePilots();
  let state: MonitorState = newMonitorState('trace', later(HERE, -head.ageMs));
  let windows: Windows = {};
  let lookedAt: Moment | undefined;
  let looks = 0;
  let last: (ReplayTurn & { change: string }) | undefined;
  const turns: ReplayTurn[] = [];
  for (const { atMs, line } of looksOf(trace, tickMs)) {
    const now = later(HERE, atMs);
    const seen = look(now, line === undefined ? undefined : trace.lines[line]);
    const snapshot: Snapshot = {
      ...{ now, lookedAt, canPersist: true, jitter: 0.5 },
      ...seen.snapshot,
      ...pilots.look(seen.pilots, state.slots),
    };
    const output = decide({ state, windows, snapshot, context, spread: 0 });
    pilots.note(output.decision.actions, seen.pilots);
    ({ state, windows } = output);
    lookedAt = now;
    looks += 1;
    const { phase, reason, verdicts } = output.decision;
    const turn = { atMs, phase, reason, readings: snapshot.readings, verdicts };
    const change = changeOf(output.decision);
    if (last?.change !== change) turns.push(turn);
    last = { ...turn, change };
    if (state.ending?.kind === 'halt') break;
  }
  if (last === undefined) throw new Error('a trace without lines was parsed');
  const { change: _, ...end } = last;
  return { turns, end, looks };
};
