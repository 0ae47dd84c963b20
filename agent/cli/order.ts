import { parseDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { leaveRequest, type OperatorRequest } from '../monitor/inbox.ts';
import { readStatus } from '../monitor/status.ts';
import { type CommandIo, flag, type OptionValues, text } from './command.ts';
import { filesOf } from './root.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Leaves the order, and says whether somebody is there to obey it. */
const order = async (files: Files, request: OperatorRequest, io: CommandIo): Promise<number> => {
  await leaveRequest(files, request);
  const status = await readStatus(files);
  if (status !== undefined && isRunning(status.pid)) io.out(`${request.kind}: told the agent\n`);
  else
    io.err(`${request.kind}: no agent runs here; the next one to start in this boot will obey\n`);
  return 0;
};

const reasonOf = (values: OptionValues): string => text(values, 'reason') ?? 'asked on the machine';

const deadlineOf = (values: OptionValues): number | undefined => {
  const given = text(values, 'deadline');
  if (given === undefined) return undefined;
  const ms = parseDuration(given);
  if (ms === undefined)
    throw new PilotageError(
      'usage',
      `--deadline ${given} is no duration; remedy: write 90s, 30m or 2h`,
    );
  return ms;
};

export const drain = (values: OptionValues, io: CommandIo): Promise<number> => {
  const deadlineMs = deadlineOf(values);
  const request = { kind: 'drain' as const, reason: reasonOf(values) };
  return order(
    filesOf(values),
    deadlineMs === undefined ? request : { ...request, deadlineMs },
    io,
  );
};

export const undrain = (values: OptionValues, io: CommandIo): Promise<number> =>
  order(filesOf(values), { kind: 'undrain', reason: reasonOf(values) }, io);

export const halt = (values: OptionValues, io: CommandIo): Promise<number> =>
  order(
    filesOf(values),
    { kind: 'halt', reason: reasonOf(values), mode: flag(values, 'now') ? 'now' : 'graceful' },
    io,
  );
