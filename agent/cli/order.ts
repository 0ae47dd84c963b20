import * as v from 'valibot';
import { createClock } from '../../platform/clock.ts';
import { parseDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { PAYLOAD_SIGNALS, PayloadSignal } from '../../protocol/order-fields.ts';
import { PilotName } from '../../protocol/peek.ts';
import { leaveRequest, type OperatorRequest } from '../monitor/inbox.ts';
import { readStatus } from '../monitor/status.ts';
import { type CommandIo, flag, list, type OptionValues, text } from './command.ts';
import { filesOf } from './root.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const POLL_MS = 200;

/** What the agent says of an order, once it has been obeyed; `undefined` if it is told to stop waiting. */
const awaitEnd = async (files: Files, id: string, { signal }: CommandIo) => {
  const clock = createClock();
  while (!signal.aborted) {
    const ended = (await readStatus(files))?.orders?.find(order => order.id === id);
    if (ended !== undefined) return ended;
    await clock.sleep(POLL_MS, signal);
  }
  return undefined;
};

/** Leaves the order, and says whether somebody is there to obey it; with `isAwaited`, what became of it. */
const order = async (
  files: Files,
  request: OperatorRequest,
  io: CommandIo,
  isAwaited = false,
): Promise<number> => {
  const id = await leaveRequest(files, request);
  const status = await readStatus(files);
  if (status === undefined || !isRunning(status.pid)) {
    io.err(`${request.kind}: no agent runs here; the next one to start in this boot will obey\n`);
    return 0;
  }
  if (!isAwaited) {
    io.out(`${request.kind}: told the agent\n`);
    return 0;
  }
  const end = await awaitEnd(files, id, io);
  if (end === undefined) return 1;
  io.out(`${request.kind}: ${end.outcome}${end.detail === '' ? '' : `: ${end.detail}`}\n`);
  return end.outcome === 'done' ? 0 : 1;
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

const isAwaited = (values: OptionValues): boolean => flag(values, 'wait');

/** Of a name such as 00 or 00-3; the schema of the request has the last word. */
const pilotOf = (given: string): string => {
  if (v.is(PilotName, given)) return given;
  throw new PilotageError('usage', `${given} is no pilot; remedy: a slot such as 00, or 00-3`);
};

export const endPilot = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const pilots = list(values, 'PILOT').map(pilotOf);
  const mode = flag(values, 'now') ? ('now' as const) : ('graceful' as const);
  const how = { mode, restart: !flag(values, 'last'), reason: reasonOf(values) };
  let worst = 0;
  for (const pilot of pilots) {
    const request = { kind: 'end-pilot' as const, pilot, ...how };
    worst = Math.max(worst, await order(filesOf(values), request, io, isAwaited(values)));
  }
  return worst;
};

export const signal = (values: OptionValues, io: CommandIo): Promise<number> => {
  const name = text(values, 'signal');
  if (!v.is(PayloadSignal, name))
    throw new PilotageError('usage', `--signal is one of ${PAYLOAD_SIGNALS.join(', ')}`);
  const given = text(values, 'pilot');
  const to = given === undefined ? {} : { pilot: pilotOf(given) };
  const request = { kind: 'signal' as const, signal: name, ...to, reason: reasonOf(values) };
  return order(filesOf(values), request, io, isAwaited(values));
};

export const rediscover = (values: OptionValues, io: CommandIo): Promise<number> =>
  order(
    filesOf(values),
    { kind: 'rediscover-squids', reason: reasonOf(values) },
    io,
    isAwaited(values),
  );

export const reload = (values: OptionValues, io: CommandIo): Promise<number> =>
  order(
    filesOf(values),
    { kind: 'reload-context', reason: reasonOf(values) },
    io,
    isAwaited(values),
  );
