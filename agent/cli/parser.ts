import { closest } from 'fastest-levenshtein';
import { PilotageError } from '../../platform/errors.ts';
import type { Command, OptionValues } from './command.ts';

export interface Parsed {
  command: Command;
  values: OptionValues;
}

/** The nearest command to a mistyped one. */
const hintFor = (message: string, commands: readonly Command[]): string => {
  const mistyped = /^Unknown command: (\S+)$/.exec(message)?.[1];
  if (mistyped === undefined) return '';
  return `; did you mean ${closest(
    mistyped,
    commands.map(({ name }) => name),
  )}?`;
};

/**
 * The whole command line by yargs: help, examples, completion, errors with the remedy.
 * @returns nothing where yargs has answered by itself, as with `--help`
 */
export const parseCommandLine = async (
  args: readonly string[],
  commands: readonly Command[],
  version: string,
  out: (text: string) => void,
): Promise<Parsed | undefined> => {
  const { default: yargs } = await import('yargs');
  let parsed: Parsed | undefined;
  const parser = yargs()
    .scriptName('pilotage-agent')
    .usage('$0 <command>\n\nMakes this VM a worker node, watches it, and always powers it off.')
    .version(version)
    .strictCommands()
    .strictOptions()
    .demandCommand(1, 'a command is needed')
    .completion('completion', 'Print a completion script for the shell')
    .wrap(100)
    .exitProcess(false);
  for (const command of commands) {
    parser.command(
      command.name,
      command.describe,
      builder =>
        builder
          .options({ ...command.options })
          .example(command.examples.map(([line, what]) => [line, what])),
      values => {
        parsed = { command, values: values as OptionValues };
      },
    );
  }
  await parser.parse([...args], {}, (error, _argv, output) => {
    if (error)
      throw new PilotageError(
        'usage',
        `${error.message}${hintFor(error.message, commands)}\n(see pilotage-agent --help)`,
      );
    if (output !== '') out(`${output}\n`);
  });
  return parsed;
};

/** `run` with plain options, as the unit starts it: yargs stays out of the memory of a process that lives for days. */
export const parseRun = (args: readonly string[], run: Command): Parsed | undefined => {
  if (args[0] !== run.name) return undefined;
  const values: Record<string, string | boolean | undefined> = Object.fromEntries(
    Object.entries(run.options).map(([name, option]) => [name, option.default]),
  );
  const rest = args.slice(1);
  while (rest.length > 0) {
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/.exec(rest.shift() ?? '') ?? [];
    const value = inline ?? rest.shift();
    if (run.options[name]?.type !== 'string' || value === undefined || value.startsWith('-'))
      return undefined;
    values[name] = value;
  }
  return { command: run, values };
};
