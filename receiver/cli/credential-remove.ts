import type { Argv } from 'yargs';
import { safeText } from '../../platform/table.ts';
import { type CredentialScope, scopeText } from '../credentials/credential-scope.ts';
import { defineCommand, print, printJson } from './command.ts';
import { credentialPath, nameArgument } from './credential-argument.ts';
import { clientOptions, withReceiver } from './receiver-client.ts';
import { scopeOfArgs, scopeOptions } from './scope-options.ts';

const options = (argv: Argv) =>
  scopeOptions(nameArgument(clientOptions(argv))).example(
    '$0 credential remove pilot-token --vo atlas',
    'the one that was put for just these VMs',
  );

export const credentialRemoveCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const query = new URLSearchParams(scopeOfArgs(args));
      const path = credentialPath(args.NAME, query.size === 0 ? '' : `?${query}`);
      const removed = (await client.delete(path)) as { name: string; scope: CredentialScope };
      if (args.json) return printJson(removed);
      print(
        `${safeText(removed.name)} for ${safeText(scopeText(removed.scope))} removed here. ` +
          'VMs that have it keep it: withdraw it where it was issued, or halt them.',
      );
    }),
});
