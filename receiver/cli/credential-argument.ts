import type { Argv } from 'yargs';

/** The `NAME` of a command line. */
export const nameArgument = <T>(argv: Argv<T>) =>
  argv.positional('NAME', {
    type: 'string',
    demandOption: true,
    describe: 'Name of the credential, as the contexts of the VMs call it',
  });

export const credentialPath = (name: string, rest = ''): string =>
  `/v1/credentials/${encodeURIComponent(name)}${rest}`;
