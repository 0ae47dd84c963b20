import { formatDuration } from '../../platform/duration.ts';
import { table } from '../../platform/table.ts';
import type { PilotStatus } from '../monitor/pilot-status.ts';
import { OUTCOMES } from '../pilot/outcome.ts';
import { describeReading } from '../reading.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { filesOf } from './root.ts';
import { ageMs, needStatus } from './status.ts';

const HEAD = [
  ...['SLOT', 'RUN', 'STATE', 'FOR', 'CORES', 'MEMORY', 'USER', 'USES', 'TASKS'],
  ...['PAYLOADS', 'STARTED', 'IDLE FOR', 'NEXT START', 'LAST END'],
];

const durationOr = (ms: number | undefined): string =>
  ms === undefined ? '-' : formatDuration(ms);

const coresOf = ({ cores, gpus = [] }: PilotStatus): string =>
  gpus.length === 0
    ? String(cores)
    : `${cores} + ${gpus.length} ${gpus.length === 1 ? 'GPU' : 'GPUs'}`;

const lastEnd = ({ lastExit, lastOutcome }: PilotStatus): string => {
  if (lastExit === undefined) return '-';
  if (lastOutcome === undefined) return lastExit;
  const { vac, told } = OUTCOMES[lastOutcome];
  return `${lastExit.replace(`: ${told}`, '')} (${vac} ${told})`;
};

const rowOf = (pilot: PilotStatus): string[] => [
  pilot.slot,
  String(pilot.generation),
  pilot.activity ?? pilot.state,
  durationOr(pilot.runningMs),
  coresOf(pilot),
  pilot.memoryMb === undefined ? '-' : `${pilot.memoryMb} MB`,
  pilot.user ?? '-',
  pilot.cpuCores === undefined ? '-' : describeReading(pilot.cpuCores),
  String(pilot.tasks ?? '-'),
  pilot.payloads === undefined ? '-' : describeReading(pilot.payloads),
  String(pilot.payloadsStarted ?? '-'),
  durationOr(pilot.idleMs),
  pilot.nextStartMs === undefined ? '-' : `in ${formatDuration(pilot.nextStartMs)}`,
  lastEnd(pilot),
];

/** Each slot with its pilot, as the running agent last published it. */
export const pilots = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const status = await needStatus(filesOf(values));
  const { phase, reason, units } = status;
  if (flag(values, 'json')) {
    const told = { phase, reason, units, ageMs: Math.round(ageMs(status)) };
    io.out(`${JSON.stringify({ ...told, pilots: status.pilots })}\n`);
    return 0;
  }
  const shown =
    status.pilots.length === 0 ? 'there are no slots' : table(HEAD, status.pilots.map(rowOf));
  const vm = `${phase}${reason === '' ? '' : `: ${reason}`}`;
  io.out(`${shown}\n${vm}, as of ${formatDuration(ageMs(status))} ago\n`);
  return 0;
};
