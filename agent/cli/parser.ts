import { closest } from 'fastest-levenshtein';
import type { Argv } from 'yargs';
import { PilotageError } from '../../platform/errors.ts';
import type { Command, CommandGroups, OptionValues } from './command.ts';

export interface Parsed {
  command: Command;
  values: OptionValues;
}

const lastWord = (name: string): string => name.slice(name.lastIndexOf(' ') + 1);
const groupOf = (name: string): string | undefined =>
  name.includes(' ') ? name.slice(0, name.indexOf(' ')) : undefined;

/** The nearest command to a mistyped one. */
const hintFor = (message: string, commands: readonly Command[]): string => {
  const mistyped = /^Unknown commands?: ([^\s,]+)/.exec(message)?.[1];
  if (mistyped === undefined) return '';
  const nearest = closest(
    mistyped,
    commands.map(({ name }) => lastWord(name)),
  );
  return `; did you mean ${commands.find(({ name }) => lastWord(name) === nearest)?.name}?`;
};

const addCommand = (parser: Argv, command: Command, chosen: (found: Parsed) => void): void => {
  const { name, describe, positional, options, examples } = command;
  parser.command(
    positional === undefined ? lastWord(name) : `${lastWord(name)} <${positional.name}..>`,
    describe,
    builder => {
      if (positional !== undefined)
        builder.positional(positional.name, { type: 'string', describe: positional.describe });
      return builder.options({ ...options }).example(examples.map(([line, what]) => [line, what]));
    },
    values => chosen({ command, values: values as OptionValues }),
  );
};

/** Commands of two words, below their first. */
const addGroup = (
  parser: Argv,
  group: string,
  describe: string,
  commands: readonly Command[],
  chosen: (found: Parsed) => void,
): void => {
  parser.command(group, describe, builder => {
    for (const command of commands) addCommand(builder, command, chosen);
    return builder
      .demandCommand(1, `a command of ${group} is needed`)
      .example(commands.flatMap(({ examples }) => examples.slice(0, 1).map(([a, b]) => [a, b])));
  });
};

/**
 * The whole command line by yargs: help, examples, completion, errors with the remedy.
 * @param groups what is said of a first word that several commands share
 * @returns nothing where yargs has answered by itself, as with `--help`
 */
export const parseCommandLine = async (
  args: readonly string[],
  commands: readonly Command[],
  groups: CommandGroups,
  version: string,
  out: (text: string) => void,
): Promise<Parsed | undefined> => {
  const { default: yargs } = await import('yargs');
  let parsed: Parsed | undefined;
  const chosen = (found: Parsed): void => {
    parsed = found;
  };
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
  for (const command of commands)
    if (groupOf(command.name) === undefined) addCommand(parser, command, chosen);
  for (const [group, describe] of Object.entries(groups)) {
    const members = commands.filter(({ name }) => groupOf(name) === group);
    addGroup(parser, group, describe, members, chosen);
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
