import { createClock } from '../../platform/clock.ts';
import { formatDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { PilotStatus } from '../monitor/pilot-status.ts';
import { readStatus, type Status } from '../monitor/status.ts';
import { describeReading } from '../reading.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { describeMachine, describeUse } from './describe-readings.ts';
import { filesOf } from './root.ts';

/** The last published status, or `not-running` with a remedy. */
export const needStatus = async (files: Files): Promise<Status> => {
  const status = await readStatus(files);
  if (status === undefined)
    throw new PilotageError(
      'not-running',
      'no agent has run in this boot; remedy: systemctl start pilotage-agent',
    );
  return status;
};

export const ageMs = ({ at }: Status): number =>
  Math.max(0, createClock().monotonicMs() - at.monotonicMs);

const describePilot = ({
  slot,
  generation,
  state,
  activity,
  cores,
  cpuCores,
  payloads,
  payloadsStarted,
  runningMs,
  said,
  lastExit,
}: PilotStatus): string =>
  [
    `  slot ${slot}.${generation}  ${(activity ?? state).padEnd(8)}  ${cores} core${cores === 1 ? '' : 's'}`,
    ...(cpuCores === undefined ? [] : [`uses ${describeReading(cpuCores)}`]),
    ...(payloads === undefined ? [] : [`payloads ${describeReading(payloads)}`]),
    ...(payloadsStarted === undefined ? [] : [`started ${payloadsStarted}`]),
    ...(runningMs === undefined ? [] : [`for ${formatDuration(runningMs)}`]),
    ...(said === undefined ? [] : [`says: ${said}`]),
    ...(lastExit === undefined ? [] : [`last ended with ${lastExit}`]),
  ].join('  ');

const describe = (status: Status): string => {
  const { phase, reason, receiver, pilots, uptimeMs } = status;
  const link =
    receiver === undefined
      ? 'none'
      : `${receiver.url} as ${receiver.vmId ?? 'not enrolled'}, ${receiver.acknowledgedHeartbeats} heartbeats${receiver.lastError === undefined ? '' : `; ${receiver.lastError}`}`;
  return [
    `${phase}${reason === '' ? '' : `: ${reason}`}`,
    ...(uptimeMs === undefined ? [] : [`up for ${formatDuration(uptimeMs)}`]),
    describeUse(status),
    ...describeMachine(status),
    `receiver: ${link}`,
    `pilots (${status.units}${status.scratch === undefined ? '' : `, scratch by ${status.scratch}`}):${pilots.length === 0 ? ' none' : ''}`,
    ...pilots.map(describePilot),
    `as of ${formatDuration(ageMs(status))} ago, agent ${status.agentVersion}, pid ${status.pid}`,
    '',
  ].join('\n');
};

export const status = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const found = await needStatus(filesOf(values));
  io.out(
    flag(values, 'json')
      ? `${JSON.stringify({ ...found, ageMs: Math.round(ageMs(found)) })}\n`
      : describe(found),
  );
  return 0;
};
