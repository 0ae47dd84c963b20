import { createClock } from '../../platform/clock.ts';
import { parseDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';
import { readStatus } from '../monitor/status.ts';
import { createRecorder } from '../simulate/record-status.ts';
import { type CommandIo, type OptionValues, text } from './command.ts';
import { filesOf } from './root.ts';
import { needStatus } from './status.ts';

/** As often as an agent that is in a hurry looks. */
const EVERY_MS = 1000;

const durationOf = (values: OptionValues): number => {
  const given = text(values, 'for');
  const ms = given === undefined ? Number.POSITIVE_INFINITY : parseDuration(given);
  if (ms !== undefined) return ms;
  throw new PilotageError('usage', `--for ${given}: not understood; remedy: 90s, 20m or 48h`);
};

/** Follows the status that the agent publishes at every tick anyway; the agent does nothing for it. */
export const record = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const forMs = durationOf(values);
  const files = filesOf(values);
  const clock = createClock();
  const recorder = createRecorder();
  const write = (line: unknown): void => {
    if (line !== undefined) io.out(`${JSON.stringify(line)}\n`);
  };
  for (const line of recorder.begin(await needStatus(files))) write(line);
  const endsAtMs = clock.monotonicMs() + forMs;
  while (!io.signal.aborted && clock.monotonicMs() < endsAtMs) {
    await clock.sleep(Math.min(EVERY_MS, endsAtMs - clock.monotonicMs()), io.signal);
    const status = await readStatus(files);
    if (status !== undefined) write(recorder.next(status));
  }
  write(recorder.end());
  return 0;
};
