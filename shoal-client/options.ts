import type { Argv } from 'yargs';
import { parseDuration } from '../platform/duration.ts';
import { PilotageError } from '../platform/errors.ts';

export interface Options {
  server: URL;
  /** Squids wanted. */
  count: number;
  /** Proxies to name after the squids, or alone when there is none. */
  defaultProxies?: string;
  json: boolean;
  timeoutMs: number;
}

/** What the command line asks for: text to print, or a search. */
export type Command = { kind: 'print'; text: string } | { kind: 'discover'; options: Options };

const MAX_COUNT = 100;
const MAX_TIMEOUT_MS = 600_000;

const usage = (message: string): PilotageError =>
  new PilotageError('usage', `${message}\nTry: shoal-client --help`);

/** A flag is a string; given twice, yargs makes a list of it, which is refused. */
const one = (flag: string, value: unknown): string | undefined => {
  if (value === undefined || typeof value === 'string') return value;
  throw usage(`${flag} may be given only once`);
};

const parseServer = (text: string | undefined): URL => {
  if (text === undefined || text === '')
    throw usage('Which Shoal server? Name it by --server http://shoal.example.org');
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw usage(`--server must be a URL like http://shoal.example.org, not ${text}`);
  return url;
};

const parseCount = (text: string): number => {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_COUNT)
    throw usage(`-n must be a number from 1 to ${MAX_COUNT}, not ${text}`);
  return count;
};

const parseTimeout = (text: string): number => {
  const ms = parseDuration(text) ?? 0;
  if (ms < 1 || ms > MAX_TIMEOUT_MS)
    throw usage(`--timeout must be a duration like 5s, at most 10m, not ${text}`);
  return Math.ceil(ms);
};

const parseDefault = (text: string | undefined): { defaultProxies?: string } => {
  if (text === undefined || text === '') return {};
  if (/\s/.test(text)) throw usage('--default must be a CVMFS proxy string, without spaces');
  return { defaultProxies: text };
};

const describe = (parser: Argv) =>
  parser
    .help(false)
    .version(false)
    .scriptName('shoal-client')
    .usage('$0 --server URL\n\nPrints the nearest squids as a CVMFS proxy string.')
    .option('server', { alias: 's', string: true, requiresArg: true, describe: 'Shoal server' })
    .option('n', { string: true, requiresArg: true, describe: 'squids wanted', default: '2' })
    .option('default', {
      alias: 'd',
      string: true,
      requiresArg: true,
      describe: 'proxies to name after the squids, e.g. DIRECT',
    })
    .option('json', { boolean: true, describe: 'print the candidates as JSON' })
    .option('timeout', { string: true, requiresArg: true, describe: 'for it all', default: '5s' })
    .option('help', { alias: 'h', boolean: true, describe: 'print this' })
    .option('version', { boolean: true, describe: 'print the version' })
    .strict()
    .wrap(90)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? usage(message ?? 'The command line cannot be understood.');
    });

/** yargs throws some of its complaints past its own `fail`. */
const parseFlags = async <T>(parser: Argv<T>, argv: readonly string[]) => {
  try {
    return await parser.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof Error && error.name === 'YError') throw usage(error.message);
    throw error;
  }
};

/**
 * @param argv what follows the program's name
 * @param version printed by `--version`
 * Fails with `usage`.
 */
export const parseOptions = async (argv: readonly string[], version: string): Promise<Command> => {
  // Loaded when needed: an agent is the same binary and seldom asks on a command line.
  const { default: yargs } = await import('yargs');
  const parser = describe(yargs([]).detectLocale(false));
  const flags = await parseFlags(parser, argv);
  if (flags.help === true) return { kind: 'print', text: await parser.getHelp() };
  if (flags.version === true) return { kind: 'print', text: `shoal-client ${version}` };
  return {
    kind: 'discover',
    options: {
      server: parseServer(one('--server', flags.server)),
      count: parseCount(one('-n', flags.n) ?? ''),
      ...parseDefault(one('--default', flags.default)),
      json: flags.json === true,
      timeoutMs: parseTimeout(one('--timeout', flags.timeout) ?? ''),
    },
  };
};
