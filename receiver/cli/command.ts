import type { ArgumentsCamelCase, Argv } from 'yargs';

/** One command: its options, and what it does with them. `A` is what the options amount to. */
export interface Command<A> {
  options(argv: Argv): Argv<A>;
  run(args: ArgumentsCamelCase<A>): Promise<void>;
}

/** Gives a command its type from its own options. */
export const defineCommand = <A>(command: Command<A>): Command<A> => command;

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value));
