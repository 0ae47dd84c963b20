/** What the stand-ins of the clouds' tools know of their clouds: a file that each call reads and writes. */
export interface World {
  machines: Record<string, Machine>;
  groups: Record<string, Group>;
  /** How the next call whose words begin so fails; each fault is used up. */
  faults: { words: string; stderr: string; exitCode: number }[];
  /** Every call as it came, the tool first. */
  calls: string[][];
}

export interface Machine {
  /** In the cloud's own words. */
  state: string;
  /** By which its tool calls it, where that is not its id. */
  name?: string;
  group?: string;
  isSpared?: boolean;
  tags?: Record<string, string>;
}

export interface Group {
  wanted: number;
  least: number;
}

/** What a call comes to. */
export interface Reply {
  stdout?: string;
  stderr?: string;
  exitCode?: number;
}

/** How many values an option takes; `many`: one or more. */
export type Takes = 0 | 1 | 'many';

export interface Given {
  /** Values of an option; empty where it was not given. */
  all(name: string): string[];
  /** The one value of an option that is required. */
  one(name: string): string;
  has(name: string): boolean;
  /** What is no option. */
  words: string[];
}

/** One command of a tool: which options it knows, those that it cannot do without, and what it does. */
export interface Command {
  options: Readonly<Record<string, Takes>>;
  required?: readonly string[];
  /** How many words it takes beside its options. */
  words?: number;
  run(world: World, given: Given): Reply;
}

export interface Tool {
  /** By the words that begin a call. */
  commands: Readonly<Record<string, Command>>;
  /** The exit code for a call that is not understood. */
  usageExit: number;
}

/** Fails with what is wrong with a call, in words. */
export const parseCall = (
  tool: Tool,
  args: readonly string[],
): { command: Command; given: Given } => {
  const name = Object.keys(tool.commands)
    .sort((a, b) => b.length - a.length)
    .find(words => args.join(' ').startsWith(`${words} `) || args.join(' ') === words);
  const command = name === undefined ? undefined : tool.commands[name];
  if (name === undefined || command === undefined) throw new Error(`unknown command ${args}`);
  const rest = args.slice(name.split(' ').length);
  const found = new Map<string, string[]>();
  const words: string[] = [];
  for (let at = 0; at < rest.length; ) {
    const word = rest[at++] ?? '';
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const takes = Object.hasOwn(command.options, word) ? command.options[word] : undefined;
    if (takes === undefined) throw new Error(`unknown option ${word} of ${name}`);
    if (found.has(word)) throw new Error(`option ${word} twice`);
    const values: string[] = [];
    while (takes !== 0 && at < rest.length && !(rest[at] ?? '').startsWith('-')) {
      values.push(rest[at++] ?? '');
      if (takes === 1) break;
    }
    if (takes !== 0 && values.length === 0) throw new Error(`option ${word} needs a value`);
    found.set(word, values);
  }
  for (const option of command.required ?? [])
    if (!found.has(option)) throw new Error(`option ${option} of ${name} is missing`);
  if (words.length !== (command.words ?? 0)) throw new Error(`${name} does not take ${words}`);
  const all = (option: string): string[] => found.get(option) ?? [];
  return {
    command,
    given: { all, one: option => all(option)[0] ?? '', has: option => found.has(option), words },
  };
};
