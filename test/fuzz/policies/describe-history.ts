import { describeVerdict } from '../../../agent/monitor/describe-verdict.ts';
import type { PilotAction } from '../../../agent/pilot/supervise.ts';
import { describeReading } from '../../../agent/reading.ts';
import { formatDuration } from '../../../platform/duration.ts';
import type { Happening } from './happening.ts';
import { type History, runHistory, type Violation } from './history.ts';
import type { Look } from './look.ts';
import type { Pilot } from './pilot.ts';
import type { Rule } from './rules/rule.ts';
import type { Decide } from './world.ts';

const describeHappening = ({ what, afterMs, isUnseen: _, ...more }: Happening): string => {
  const details = Object.entries(more).map(([key, value]) =>
    key.endsWith('Ms') ? `${key.slice(0, -2)} ${describeMs(Number(value))}` : `${key} ${value}`,
  );
  return [
    `after ${describeMs(afterMs)}:`,
    what,
    ...(details.length === 0 ? [] : [`(${details.join(', ')})`]),
  ].join(' ');
};

const describeMs = (ms: number): string =>
  ms < 0 ? `-${formatDuration(-ms)}` : formatDuration(ms);

const describeAction = (action: PilotAction): string => {
  const unit = `${action.slot}-${action.generation}`;
  return action.kind === 'signal' ? `${action.signal} to ${unit}` : `${action.kind} ${unit}`;
};

const describePilot = ({ id, isBorn, hasEnded, payloads, work, nature }: Pilot): string => {
  const doing = hasEnded
    ? 'ended'
    : !isBorn
      ? 'not there yet'
      : payloads === 0
        ? 'idle'
        : `${payloads} payloads (${work})`;
  return `${id} ${doing}${nature.speaks ? '' : ', says nothing'}`;
};

const lookLines = ({ world, input, output }: Look): string[] => {
  const { load, payloads, gpus } = input.snapshot.readings;
  const { phase, reason, verdicts, actions, finish } = output.decision;
  const pilots = [...world.pilots.values()].map(describePilot).join('; ');
  const wanted = verdicts.filter(({ action }) => action !== 'none');
  return [
    `  true: ${pilots === '' ? 'no pilot' : pilots}`,
    `  read: load ${describeReading(load)}, payloads ${describeReading(payloads)}${gpus === undefined ? '' : `, GPUs ${describeReading(gpus)}`}${input.snapshot.preparation.state === 'done' ? '' : `, context ${input.snapshot.preparation.state}`}`,
    ...wanted.map(verdict => `  ${describeVerdict(verdict)}`),
    `  ${phase}${reason === '' ? '' : `, because ${reason}`}${actions.length === 0 ? '' : ` → ${actions.map(describeAction).join(', ')}`}${finish ? ' → the power goes off' : ''}`,
  ];
};

/** A history and how it broke a rule, for people. */
export const describeHistory = (
  history: History,
  decide: Decide,
  rules: readonly Rule[],
  { rule, told: wrong }: Violation,
): string => {
  const { setting, happenings } = history;
  const lines: string[] = [];
  let told = 0;
  runHistory(history, decide, rules, (looked, at) => {
    for (const happening of happenings.slice(told, at + 1))
      lines.push(describeHappening(happening));
    told = at + 1;
    lines.push(`${describeMs(looked.world.nowMs)}: the agent looks`, ...lookLines(looked));
  });
  const { written, slots, spread, hasGpus } = setting;
  const shape = `${slots.length} slots${hasGpus ? ' with GPUs' : ''}, spread ${spread.toFixed(2)}`;
  return [`${rule}: ${wrong}`, JSON.stringify(written), shape, ...lines].join('\n');
};
