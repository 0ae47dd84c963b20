import type { Argv } from 'yargs';

/** The `VM` of a command line. */
export const vmArgument = <T>(argv: Argv<T>) =>
  argv.positional('VM', {
    type: 'string',
    demandOption: true,
    describe: 'VM id, instance id or hostname, or the beginning of one',
  });
