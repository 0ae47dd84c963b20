import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { createLog } from '../../platform/log.ts';
import { findContext } from '../context/find-context.ts';
import { loadGivenContext } from '../context/load.ts';
import { noticesOf } from '../context/notices.ts';
import { type ParsedContext, parseContext } from '../context/parse.ts';
import { describeProblem, type Problem } from '../context/problem.ts';
import { readVmFacts } from '../context/read-vm-facts.ts';
import { redactContext } from '../context/redact.ts';
import type { ContextText } from '../context/source-file.ts';
import { STAND_INS } from '../context/vm-facts.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { readMachineId } from '../machine.ts';
import { type CommandIo, flag, list, type OptionValues, text } from './command.ts';
import { rootOf } from './root.ts';

/** Files that are named on the command line lie where the caller stands. */
const readGiven = (path: string): Promise<ContextText[]> =>
  loadGivenContext(createFiles('/'), resolve(path), path);

/** The context of the machine itself, with its facts; nothing is written. */
const readOwn = async (
  values: OptionValues,
  { err, signal }: CommandIo,
): Promise<ParsedContext> => {
  const ports = await createAgentPorts(rootOf(values), createLog('warn', err));
  const input = { machine: await readMachineId(ports.files, ports.host), mayWrite: false };
  const sourcePorts = createSourcePorts(ports, process.env);
  const { texts, machine } = await findContext(sourcePorts, input, signal);
  return parseContext(texts, await readVmFacts(ports.files, machine, texts));
};

/** What was checked otherwise than it will be on the VM. */
const standInNotices = (file: string, { named }: ParsedContext): string[] =>
  named.size === 0
    ? []
    : [
        `${file}: facts of the VM, checked with what may stand there: ${[...named].map(name => `${name} ${STAND_INS[name]}`).join(', ')}`,
      ];

/** What became of one file: a context, or the problems with it. */
interface Verdict {
  file: string;
  texts: readonly ContextText[];
  parsed?: ParsedContext;
  problems: readonly Partial<Problem>[];
  lines: readonly string[];
}

/** Everything that may be wrong with a file is a verdict; only a fault of ours is thrown. */
const judge = async (file: string): Promise<Verdict> => {
  try {
    const texts = await readGiven(file);
    const parsed = parseContext(texts, STAND_INS);
    return { file, texts, parsed, problems: [], lines: [] };
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    const problems = error.context.problems as readonly Problem[] | undefined;
    if (problems !== undefined)
      return { file, texts: [], problems, lines: problems.map(describeProblem) };
    const message = messageOf(error);
    const lines = [`${file}: ${message}; remedy: name a file that can be read`];
    return { file, texts: [], problems: [{ file, message }], lines };
  }
};

const judgeAll = async (values: OptionValues): Promise<Verdict[]> => {
  const verdicts: Verdict[] = [];
  for (const file of list(values, 'files')) verdicts.push(await judge(file));
  return verdicts;
};

const noticesAbout = (file: string, parsed: ParsedContext | undefined): string[] =>
  parsed === undefined ? [] : [...noticesOf(parsed), ...standInNotices(file, parsed)];

/** One line a file that is valid, one line a problem of those that are not; exit code 1 if any is not. */
export const validate = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const verdicts = await judgeAll(values);
  const valid = verdicts.every(({ parsed }) => parsed !== undefined);
  if (flag(values, 'json')) {
    const files = verdicts.map(({ file, parsed, problems }) => ({
      file,
      valid: parsed !== undefined,
      problems,
      notices: noticesAbout(file, parsed),
    }));
    io.out(`${JSON.stringify({ valid, files })}\n`);
  } else
    for (const { file, parsed, lines } of verdicts) {
      io.out(`${parsed === undefined ? lines.join('\n') : `${file}: valid`}\n`);
      for (const notice of noticesAbout(file, parsed)) io.err(`note: ${notice}\n`);
    }
  return valid ? 0 : 1;
};

/** The context as it is merged from its files, without secrets. Of a file given by name, facts stay as they are written. */
export const show = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const given = text(values, 'context');
  const data =
    given === undefined
      ? (await readOwn(values, io)).merged
      : parseContext(await readGiven(given), STAND_INS).written;
  const shown = redactContext(data);
  io.out(flag(values, 'json') ? `${JSON.stringify(shown)}\n` : stringify(shown, { lineWidth: 0 }));
  return 0;
};

/** A context that was one text stays as it is, with its comments; several are merged. */
const toYaml = ({ texts, parsed }: Verdict): string => {
  const [only, ...more] = texts;
  if (only !== undefined && more.length === 0) return `${only.text.trimEnd()}\n`;
  return stringify(parsed?.written, { lineWidth: 0 });
};

/** Any dialect → ours, one YAML document a file. With its secrets: they belong to the context. */
export const convert = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const verdicts = await judgeAll(values);
  for (const { lines } of verdicts) if (lines.length > 0) io.err(`${lines.join('\n')}\n`);
  const good = verdicts.filter(({ parsed }) => parsed !== undefined);
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
