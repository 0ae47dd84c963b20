import { resolve } from 'node:path';
import { isPilotageError, PilotageError } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { parseContext } from '../context/parse.ts';
import type { Context } from '../context/schema.ts';
import { STAND_INS } from '../context/vm-facts.ts';
import { parseTrace } from '../simulate/parse-trace.ts';
import { type Replay, type ReplayTurn, replayTrace } from '../simulate/replay.ts';
import { TRACE_LIMITS, type Trace } from '../simulate/trace.ts';
import { type CommandIo, flag, type OptionValues, text } from './command.ts';
import { describeReplay } from './describe-replay.ts';
import { readGiven } from './read-given.ts';

/** Pilots of no kind in particular, so that what ends is followed as the defaults say. */
const BY_DEFAULT = {
  name: 'defaults',
  text: JSON.stringify({ version: 1, pilots: { kind: 'command', command: ['/bin/pilot'] } }),
};

const readContext = async (name: string | undefined): Promise<Context> => {
  if (name === undefined) return parseContext([BY_DEFAULT]).context;
  const { texts } = await readGiven(name);
  return parseContext(texts, STAND_INS).context;
};

const readTrace = async (name: string): Promise<Trace> => {
  const invalid = (what: string, remedy: string) =>
    new PilotageError('trace-invalid', `${name}: ${what}; remedy: ${remedy}`);
  let content: string | undefined;
  try {
    content = await createFiles('/').read(resolve(name), TRACE_LIMITS.bytes);
  } catch (error) {
    if (!isPilotageError(error) || error.code !== 'file-too-large') throw error;
    throw invalid('too large', `at most ${TRACE_LIMITS.bytes / 1024 / 1024} MiB`);
  }
  if (content === undefined)
    throw invalid('there is no such file', 'pilotage-agent record writes one on a VM');
  return parseTrace(name, content);
};

const asJson = ({ turns, end, looks }: Replay, trace: string): string => {
  const turnOf = ({ atMs, phase, reason, readings, verdicts }: ReplayTurn) => ({
    ...{ atMs, phase, reason, readings, verdicts },
  });
  return JSON.stringify({ trace, looks, turns: turns.map(turnOf), end: turnOf(end) });
};

/** Replays a trace; exit code 1 if it comes to something else than was expected. */
export const simulate = async (values: OptionValues, io: CommandIo): Promise<number> => {
  if (flag(values, 'schema')) {
    const { traceJsonSchema } = await import('../simulate/json-schema.ts');
    io.out(`${JSON.stringify(traceJsonSchema(), null, 2)}\n`);
    return 0;
  }
  const name = text(values, 'trace');
  if (name === undefined)
    throw new PilotageError('usage', '--trace is missing; remedy: name the file of a trace');
  const context = await readContext(text(values, 'context'));
  const trace = await readTrace(name);
  const replay = replayTrace(trace, context);
  const expected = text(values, 'expect');
  if (flag(values, 'json')) io.out(`${asJson(replay, name)}\n`);
  else io.out(`${describeReplay(trace, replay).join('\n')}\n`);
  if (expected === undefined || expected === replay.end.phase) return 0;
  io.err(`expected ${expected}, and it came to ${replay.end.phase}\n`);
  return 1;
};
