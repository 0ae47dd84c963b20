#!/usr/bin/env node
import { basename } from 'node:path';
import { exitCodeOf, messageOf } from '../platform/errors.ts';
import { VERSION } from '../platform/version.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { CommandIo } from './cli/command.ts';
import { COMMAND_GROUPS, COMMANDS } from './cli/commands.ts';
import { parseCommandLine, parseRun } from './cli/parser.ts';

const FULL_VERSION = `pilotage-agent ${VERSION} (protocol ${PROTOCOL_VERSION})`;

/** Composition root: the command line, the signals and the exit code of the agent. */
const agent = async (args: readonly string[], io: CommandIo): Promise<number> => {
  if (args.length === 1 && args[0] === '--version') {
    io.out(`${FULL_VERSION}\n`);
    return 0;
  }
  const run = COMMANDS.find(({ name }) => name === 'run');
  const parsed =
    (run === undefined ? undefined : parseRun(args, run)) ??
    (await parseCommandLine(args, COMMANDS, COMMAND_GROUPS, FULL_VERSION, io.out));
  if (parsed === undefined) return 0;
  const handler = await parsed.command.load();
  return handler(parsed.values, io);
};

/** One binary, two programs: the name by which it is called decides. */
const program = async (io: CommandIo): Promise<number> => {
  const args = process.argv.slice(2);
  if (basename(process.argv0) !== 'shoal-client') return agent(args, io);
  const { runShoalClient } = await import('../shoal-client/main.ts');
  const { createHttp } = await import('../platform/undici-http.ts');
  return runShoalClient(args, {
    http: createHttp,
    stdout: io.out,
    stderr: io.err,
    version: VERSION,
    signal: io.signal,
  });
};

const main = async (): Promise<void> => {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  try {
    process.exitCode = await program({
      out: text => process.stdout.write(text),
      err: text => process.stderr.write(text),
      signal: stop.signal,
    });
  } catch (error) {
    process.stderr.write(`pilotage-agent: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
};

// No top-level await: the binary is one CommonJS file.
void main();
