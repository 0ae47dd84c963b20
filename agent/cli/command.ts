/** One option of a command; the same table serves the parser, the help and the completion. */
export interface OptionSpec {
  type: 'string' | 'boolean';
  describe: string;
  default?: string | boolean;
  /** Short form, one letter. */
  alias?: string;
  /** All that it may be. */
  choices?: readonly string[];
  /** It may be given several times, or have several values. */
  array?: true;
}

export type OptionValues = Readonly<
  Record<string, string | boolean | readonly string[] | undefined>
>;

/** Where a command writes, and how it is told to stop. */
export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  signal: AbortSignal;
}

/** One command of the agent. Its code is loaded only when it is called. */
export interface Command {
  /** One word, or two where the first names a group: `context validate`. */
  name: string;
  describe: string;
  /** What stands behind the name without dashes: one or more. */
  positional?: { name: string; describe: string };
  options: Readonly<Record<string, OptionSpec>>;
  examples: readonly (readonly [string, string])[];
  /** @returns the exit code */
  load(): Promise<(values: OptionValues, io: CommandIo) => Promise<number>>;
}

/** Commands that belong together share their first word. */
export type CommandGroups = Readonly<Record<string, string>>;

/** Every command can be tried without root, on a folder that stands for the machine. */
export const ROOT_OPTION = {
  root: {
    type: 'string',
    describe: 'The machine as a folder, for use without root',
    default: '/',
  },
} as const satisfies Record<string, OptionSpec>;

export const JSON_OPTION = {
  json: { type: 'boolean', describe: 'One JSON object instead of text', default: false },
} as const satisfies Record<string, OptionSpec>;

export const text = (values: OptionValues, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const flag = (values: OptionValues, name: string): boolean => values[name] === true;

/** What stands behind the command, or an option of several values, in its order. */
export const list = (values: OptionValues, name: string): readonly string[] => {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
};
