#!/usr/bin/env node
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { exitCodeOf, messageOf, PilotageError } from '../platform/errors.ts';
import { VERSION } from '../platform/version.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { Command } from './cli/command.ts';

const PROGRAM = 'pilotage-receiver';

/** Each command is loaded when it is run, so that none pays for another. */
const add = <A>(
  argv: Argv,
  command: string,
  describe: string,
  load: () => Promise<Command<A>>,
): Argv =>
  argv.command(
    command,
    describe,
    async builder => (await load()).options(builder),
    async args => (await load()).run(args),
  );

/** `credential put|list|remove`. */
const addCredentialCommands = (argv: Argv): Argv => {
  add(
    argv,
    'put NAME',
    'Keep a credential for the VMs that are meant; it replaces the one of the same name and VMs',
    async () => (await import('./cli/credential-put.ts')).credentialPutCommand,
  );
  add(
    argv,
    'list',
    'What there is for whom, never its content',
    async () => (await import('./cli/credential-list.ts')).credentialListCommand,
  );
  add(
    argv,
    'remove NAME',
    'Give it to no more VMs',
    async () => (await import('./cli/credential-remove.ts')).credentialRemoveCommand,
  );
  return argv.demandCommand(1, 'put, list or remove a credential? see --help');
};

/** Orders, for one VM or many, and what became of them. */
const addOrderCommands = (cli: Argv): void => {
  add(
    cli,
    'drain [VM..]',
    'Start no new pilots there; running ones finish',
    async () => (await import('./cli/drain.ts')).drainCommand,
  );
  add(
    cli,
    'undrain [VM..]',
    'Take a drain back',
    async () => (await import('./cli/undrain.ts')).undrainCommand,
  );
  add(
    cli,
    'halt [VM..]',
    'End its pilots and power it off',
    async () => (await import('./cli/halt.ts')).haltCommand,
  );
  add(
    cli,
    'end-pilot [VM..]',
    'End one pilot; another follows it, or not',
    async () => (await import('./cli/end-pilot.ts')).endPilotCommand,
  );
  add(
    cli,
    'signal [VM..]',
    'Send a signal to payloads that wait for it',
    async () => (await import('./cli/signal.ts')).signalCommand,
  );
  add(
    cli,
    'collect-logs [VM..]',
    'Have whole logs sent',
    async () => (await import('./cli/collect-logs.ts')).collectLogsCommand,
  );
  add(
    cli,
    'pace [VM..]',
    'Say how often a VM reports, for a while',
    async () => (await import('./cli/pace.ts')).paceCommand,
  );
  add(
    cli,
    'rediscover [VM..]',
    'Have CVMFS ask anew which squids there are',
    async () => (await import('./cli/rediscover.ts')).rediscoverCommand,
  );
  add(
    cli,
    'reload [VM..]',
    'Fetch the context anew and take it up, while pilots go on',
    async () => (await import('./cli/reload.ts')).reloadCommand,
  );
  add(
    cli,
    'directives [VM]',
    'Who ordered what, and what became of it',
    async () => (await import('./cli/directives.ts')).directivesCommand,
  );
};

const createCli = (args: readonly string[]): Argv => {
  const cli = yargs([...args])
    .scriptName(PROGRAM)
    .usage('$0 COMMAND\n\nThe small central receiver of Pilotage, and its command-line client.')
    .version(`${PROGRAM} ${VERSION} (protocol ${PROTOCOL_VERSION})`)
    .strictCommands()
    .strictOptions()
    .recommendCommands()
    .demandCommand(1, 'which command? see --help')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      throw error ?? new PilotageError('usage', message);
    });
  add(cli, 'serve', 'Run the receiver', async () => (await import('./cli/serve.ts')).serveCommand);
  add(cli, 'vms', 'List the VMs', async () => (await import('./cli/vms.ts')).vmsCommand);
  add(cli, 'show VM', 'One VM in full', async () => (await import('./cli/show.ts')).showCommand);
  addOrderCommands(cli);
  add(
    cli,
    'logs VM [SOURCE]',
    'Logs that a VM has sent',
    async () => (await import('./cli/logs.ts')).logsCommand,
  );
  add(
    cli,
    'peek VM PILOT THING [PATH]',
    'Look at a pilot: its processes, files, output, stacks',
    async () => (await import('./cli/peek.ts')).peekCommand,
  );
  add(
    cli,
    'peeks [VM]',
    'Who has looked at what',
    async () => (await import('./cli/peeks.ts')).peeksCommand,
  );
  add(
    cli,
    'deletions',
    'VMs that are billed, or may be, although they are off or silent',
    async () => (await import('./cli/deletions.ts')).deletionsCommand,
  );
  add(
    cli,
    'delete VM',
    'Have a VM deleted in its cloud that is off or silent, or try it again',
    async () => (await import('./cli/delete.ts')).deleteCommand,
  );
  add(
    cli,
    'deleted VM',
    'Say that the cloud has confirmed that a VM is gone',
    async () => (await import('./cli/deleted.ts')).deletedCommand,
  );
  cli.command('credential', 'Credentials that VMs fetch', addCredentialCommands);
  return cli.completion('completion', 'Print a script for your shell’s completion');
};

/** What yargs throws, also for an error of ours in a `coerce`, is about the command line. */
const ofCommandLine = (error: unknown): unknown =>
  error instanceof Error && error.name === 'YError'
    ? new PilotageError('usage', error.message)
    : error;

try {
  await createCli(hideBin(process.argv)).parseAsync();
} catch (thrown) {
  const error = ofCommandLine(thrown);
  process.stderr.write(`${PROGRAM}: ${messageOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
