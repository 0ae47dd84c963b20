import { formatDuration } from '../../platform/duration.ts';
import { describeVerdict } from '../monitor/describe-verdict.ts';
import { tellReadings } from '../monitor/told-readings.ts';
import type { Replay, ReplayTurn } from '../simulate/replay.ts';
import type { Trace } from '../simulate/trace.ts';
import { describeMachine, describeUse } from './describe-readings.ts';

const decisionOf = ({ phase, reason }: ReplayTurn): string =>
  `${phase}${reason === '' ? '' : `, because ${reason}`}`;

const readingsOf = ({ readings }: ReplayTurn): string => {
  const told = tellReadings(readings);
  return `  readings: ${[describeUse(told), ...describeMachine(told)].join(', ')}`;
};

/** Those that ask for something; at the end all, since one may want to know why none did. */
const verdictsOf = ({ verdicts }: ReplayTurn, isEnd: boolean): string[] =>
  verdicts
    .filter(({ action }) => isEnd || action !== 'none')
    .map(verdict => `  ${describeVerdict(verdict)}`);

const turnLines = (turn: ReplayTurn): string[] => [
  `${formatDuration(turn.atMs)}: ${decisionOf(turn)}`,
  readingsOf(turn),
  ...verdictsOf(turn, false),
];

/** For people: the chain reading → policy → decision at each change, and what it comes to. */
export const describeReplay = (
  { head: { about } }: Trace,
  { turns, end, looks }: Replay,
): string[] => [
  ...(about === '' ? [] : [about]),
  ...turns.flatMap(turnLines),
  `In the end, after ${formatDuration(end.atMs)} and ${looks} looks: ${end.phase === 'halting' ? 'the VM halts' : `no halt, ${decisionOf(end)}`}`,
  readingsOf(end),
  ...verdictsOf(end, true),
];
