import { stringify } from 'yaml';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import { createLog } from '../../platform/log.ts';
import { readMachineSize } from '../context/facts.ts';
import { findContext } from '../context/find-context.ts';
import { mayBeIncluded } from '../context/includes/expand.ts';
import { needMergeable } from '../context/includes/target.ts';
import type { Json } from '../context/merge.ts';
import { noticesOf } from '../context/notices.ts';
import { describePacking, needSlots, showPacking } from '../context/packing.ts';
import { type ParsedContext, parseContext } from '../context/parse.ts';
import { describeProblem, type Problem } from '../context/problem.ts';
import { redactContext } from '../context/redact.ts';
import type { ContextText } from '../context/source-file.ts';
import { STAND_INS } from '../context/vm-facts.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { readMachineId } from '../machine.ts';
import type { AgentPorts } from '../ports.ts';
import { type CommandIo, flag, list, type OptionValues, text } from './command.ts';
import { type GivenTexts, readGiven } from './read-given.ts';
import { rootOf } from './root.ts';
import { withOrigins } from './show-origins.ts';

/** A context with what is told of it beside itself. */
interface ShownContext {
  data: Json;
  parsed: ParsedContext;
  texts: readonly ContextText[];
  /** How this machine would be packed by it, a line each. */
  packing: readonly string[];
}

const packingOfOwn = async (
  ports: Pick<AgentPorts, 'host' | 'files' | 'exec'>,
  parsed: ParsedContext,
): Promise<string[]> => {
  try {
    const size = await readMachineSize({ ...ports, context: parsed.context });
    needSlots(parsed, size);
    const packing = showPacking(parsed.context, size);
    return packing === undefined ? [] : describePacking(packing);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return messageOf(error).split('\n');
  }
};

/** The context of the machine itself, with its facts; nothing is written. */
const readOwn = async (values: OptionValues, { err, signal }: CommandIo): Promise<ShownContext> => {
  const ports = await createAgentPorts(rootOf(values), createLog('warn', err));
  const input = { machine: await readMachineId(ports.files, ports.host), mayWrite: false };
  const sourcePorts = createSourcePorts(ports, process.env);
  const { texts, facts } = await findContext(sourcePorts, input, signal);
  const parsed = parseContext(texts, facts);
  return { data: parsed.merged, parsed, texts, packing: await packingOfOwn(ports, parsed) };
};

/** What was checked otherwise than it will be on the VM. */
const standInNotices = (file: string, { named }: ParsedContext): string[] =>
  named.size === 0
    ? []
    : [
        `${file}: facts of the VM, checked with what may stand there: ${[...named].map(name => `${name} ${STAND_INS[name]}`).join(', ')}`,
      ];

const includeNotices = (file: string, { notices, unread }: GivenTexts): string[] => [
  ...notices.map(notice => `${file}: ${notice}`),
  ...unread.map(address => `${file}: ${address} is fetched on the VM alone, and was not looked at`),
];

/** What became of one file: a context, or the problems with it. */
interface Verdict {
  file: string;
  valid: boolean;
  /** The texts in the file itself. */
  texts: readonly ContextText[];
  parsed?: ParsedContext;
  problems: readonly Partial<Problem>[];
  lines: readonly string[];
  notices: readonly string[];
}

const refused = (file: string, problems: readonly Problem[]): Verdict => {
  const lines = problems.map(describeProblem);
  return { file, valid: false, texts: [], problems, lines, notices: [] };
};

const problemsOf = (error: unknown): readonly Problem[] | undefined =>
  isPilotageError(error) ? (error.context.problems as readonly Problem[] | undefined) : undefined;

const judgeTexts = (file: string, given: GivenTexts): Verdict => {
  const notices = includeNotices(file, given);
  const fine = { file, valid: true, texts: given.own, problems: [], lines: [] };
  try {
    const parsed = parseContext(given.texts, STAND_INS);
    return {
      ...fine,
      parsed,
      notices: [...noticesOf(parsed), ...standInNotices(file, parsed), ...notices],
    };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    // What is missing here may be in what was not looked at.
    if (given.unread.length === 0 || !mayBeIncluded(problems)) return refused(file, problems);
    return { ...fine, notices: [...problems.map(describeProblem), ...notices] };
  }
};

/** Everything that may be wrong with a file is a verdict; only a fault of ours is thrown. */
const judge = async (file: string): Promise<Verdict> => {
  try {
    return judgeTexts(file, await readGiven(file));
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    const problems = problemsOf(error);
    if (problems !== undefined) return refused(file, problems);
    const message = messageOf(error);
    const lines = [`${file}: ${message}; remedy: name a file that can be read`];
    return { ...refused(file, []), problems: [{ file, message }], lines };
  }
};

const judgeAll = async (values: OptionValues): Promise<Verdict[]> => {
  const verdicts: Verdict[] = [];
  for (const file of list(values, 'files')) verdicts.push(await judge(file));
  return verdicts;
};

/** One line a file that is valid, one line a problem of those that are not; exit code 1 if any is not. */
export const validate = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const verdicts = await judgeAll(values);
  const valid = verdicts.every(verdict => verdict.valid);
  if (flag(values, 'json')) {
    const files = verdicts.map(({ file, valid, problems, notices }) => ({
      file,
      valid,
      problems,
      notices,
    }));
    io.out(`${JSON.stringify({ valid, files })}\n`);
  } else
    for (const { file, valid, lines, notices } of verdicts) {
      io.out(`${valid ? `${file}: valid` : lines.join('\n')}\n`);
      for (const notice of notices) io.err(`note: ${notice}\n`);
    }
  return valid ? 0 : 1;
};

/** Of a file that is given by name, facts of the VM stay as they are written. */
const readShown = async (values: OptionValues, io: CommandIo): Promise<ShownContext> => {
  const name = text(values, 'context');
  if (name === undefined) return readOwn(values, io);
  const given = await readGiven(name);
  for (const notice of includeNotices(name, given)) io.err(`note: ${notice}\n`);
  const parsed = parseContext(given.texts, STAND_INS);
  return { data: parsed.written, parsed, texts: given.texts, packing: [] };
};

/**
 * The context as it is merged from its files, without secrets; with the origin of each value if there are several. How
 * this machine is packed by it is told beside it.
 */
export const show = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const { data, parsed, texts, packing } = await readShown(values, io);
  for (const line of packing) io.err(`note: ${line}\n`);
  const shown = redactContext(data);
  if (flag(values, 'json')) io.out(`${JSON.stringify(shown)}\n`);
  else if (texts.length === 1) io.out(stringify(shown, { lineWidth: 0 }));
  else io.out(withOrigins(shown, parsed.placeOf));
  return 0;
};

/** A context that was one text stays as it is, with its comments; several are merged. */
const toYaml = ({ texts }: Pick<Verdict, 'texts'>): string => {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0) return `${only.text.trimEnd()}\n`;
  needMergeable(texts);
  return stringify(parseContext(texts, STAND_INS).written, { lineWidth: 0 });
};

/** Any dialect → ours, one YAML document a file. With its secrets: they belong to the context. */
export const convert = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const verdicts = await judgeAll(values);
  for (const { lines } of verdicts) if (lines.length > 0) io.err(`${lines.join('\n')}\n`);
  const good = verdicts.filter(({ valid }) => valid);
  const documents = good.map(verdict =>
    verdicts.length === 1 ? toYaml(verdict) : `# ${verdict.file}\n${toYaml(verdict)}`,
  );
  io.out(documents.join('---\n'));
  return good.length === verdicts.length ? 0 : 1;
};

/** The JSON Schema, for editors. */
export const schema = async (_values: OptionValues, io: CommandIo): Promise<number> => {
  const { contextJsonSchema } = await import('../context/json-schema.ts');
  io.out(`${JSON.stringify(contextJsonSchema(), null, 2)}\n`);
  return 0;
};
