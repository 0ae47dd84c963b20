import type { Clock } from '../../../platform/clock.ts';
import { isPilotageError, messageOf } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import type { Log } from '../../../platform/log.ts';
import type { Context } from '../../context/schema.ts';
import type { Moment } from '../../moment.ts';
import type { Answer } from '../../pilot/answer.ts';
import { kindOf } from '../../pilot/kinds/index.ts';
import type { PilotRun, Question } from '../../pilot/kinds/kind.ts';
import type { Slot } from '../../pilot/slots.ts';
import { type UnitSighting, unitId } from '../../pilot/unit/unit.ts';
import { FAILED, NO_DATA } from '../../reading.ts';
import type { PilotHands } from '../pilot-hands.ts';
import type { DescribeRun } from '../pilot-runs.ts';
import { type Asking, createAsking, isStale } from './asking.ts';
import { createFollowLog } from './follow-log.ts';

const FILE_BYTES = 1024;
/** Beyond the bound that a program itself has, for whoever runs it. */
const MARGIN_MS = 10_000;

/** What all pilots say, or answer when they are asked. */
export type ReadAnswers = (
  sightings: readonly UnitSighting[],
  now: Moment,
  look: { context: Context; slots: readonly Slot[]; hardEnd: Moment },
) => Promise<Map<string, Answer>>;

/**
 * Files are read at every look. A program is asked beside the ticks, so that one that hangs holds nothing
 * up; what it answered last counts until it is too old.
 */
export const createReadAnswers = (
  { files, clock, log }: { files: Files; clock: Clock; log: Log },
  hands: PilotHands,
  describeRun: DescribeRun,
): ReadAnswers => {
  const askings = new Map<string, Asking<Answer>>();
  const last = new Map<string, Answer>();
  const followLog = createFollowLog(files);
  const ended = new Set<string>();

  const readFile = async (
    id: string,
    { file, read, follow }: Question,
    isOver = false,
  ): Promise<Answer> => {
    try {
      // The folder is the pilot's own: a link or a pipe that it puts there is not followed.
      const said = read((await files.readPiece(file, 0, FILE_BYTES))?.toString('utf8'));
      return follow === undefined
        ? said
        : { ...said, ...(await followLog.read(id, follow, isOver)) };
    } catch (error) {
      if (isPilotageError(error)) return { payloads: FAILED };
      throw error;
    }
  };

  const readEnd = async ({ end }: Question): Promise<Partial<Answer>> => {
    if (end === undefined) return {};
    try {
      const sizeBytes = (await files.facts(end.file))?.sizeBytes ?? 0;
      const from = Math.max(0, sizeBytes - end.bytes);
      return end.read((await files.readPiece(end.file, from, end.bytes))?.toString('utf8') ?? '');
    } catch (error) {
      if (isPilotageError(error)) return {};
      throw error;
    }
  };

  const answerOf = async (
    id: string,
    run: PilotRun,
    question: Question,
    { monotonicMs }: Moment,
  ): Promise<Answer> => {
    const said = await readFile(id, question);
    if (question.ask === undefined || said.ready !== true) return said;
    const { everyMs, command, parse } = question.ask;
    const what = `what pilot ${id} does`;
    const options = { what, everyMs, timeoutMs: command.timeoutMs + MARGIN_MS };
    const asking = askings.get(id) ?? createAsking<Answer>({ clock, log }, options);
    askings.set(id, asking);
    const { answer } = asking.look(monotonicMs, async () => {
      const answered = parse(await hands.ask(run, command));
      if (answered.joined === false && answered.said !== last.get(id)?.said)
        log.warn({ unit: id, said: answered.said }, 'a pilot cannot join');
      return answered;
    });
    if (answer === undefined) return { ...said, payloads: NO_DATA };
    const isOld = isStale(answer.atMs, monotonicMs, everyMs);
    return { ...said, ...answer.value, ...(isOld ? { payloads: FAILED } : {}) };
  };

  return async (sightings, now, { context, slots, hardEnd }) => {
    const { pilots } = context;
    const present = new Set(sightings.map(unitId));
    for (const id of [...last.keys()]) if (!present.has(id)) last.delete(id);
    for (const id of [...askings.keys()]) if (!present.has(id)) askings.delete(id);
    followLog.forget(present);
    for (const id of ended) if (!present.has(id)) ended.delete(id);
    if (pilots === undefined) return new Map();
    const kind = kindOf(pilots);
    for (const unit of sightings) {
      const id = unitId(unit);
      const slot = slots.find(({ name }) => name === unit.slot);
      const run = slot && (await describeRun(unit, slot, context, hardEnd));
      if (run === undefined) continue;
      const question = kind.question(run);
      if (unit.state === 'running') {
        await hands.follow(run, kind.launch(run).files).catch((error: unknown) => {
          log.warn({ unit: id, error: messageOf(error) }, 'the files of a pilot could not follow');
        });
        last.set(id, { ...last.get(id), ...(await answerOf(id, run, question, now)) });
      } else {
        const end = ended.has(id) ? {} : await readEnd(question);
        ended.add(id);
        last.set(id, { ...last.get(id), ...(await readFile(id, question, true)), ...end });
      }
    }
    return new Map(last);
  };
};
