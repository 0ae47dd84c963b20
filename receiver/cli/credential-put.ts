import type { Argv } from 'yargs';
import { createFiles } from '../../platform/files.ts';
import { safeText } from '../../platform/table.ts';
import { scopeText } from '../credentials/credential-scope.ts';
import type { CredentialView } from '../credentials/credential-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { credentialPath, nameArgument } from './credential-argument.ts';
import { credentialLifeText } from './credential-life-text.ts';
import { readContent } from './read-content.ts';
import { clientOptions, withReceiver } from './receiver-client.ts';
import { scopeOfArgs, scopeOptions } from './scope-options.ts';
import { whoAsks } from './who-asks.ts';

interface Put extends CredentialView {
  replaced: boolean;
}

const options = (argv: Argv) =>
  scopeOptions(nameArgument(clientOptions(argv)))
    .option('file', {
      type: 'string',
      // Else a lone - would be read as an argument of its own.
      nargs: 1,
      demandOption: true,
      describe: 'Its content: a file, or - for standard input',
    })
    .example('$0 credential put pilot-token --file token --vo atlas', 'for all VMs of a VO')
    .example('… | $0 credential put pilot-token --file - --vo atlas --site CERN', 'from a program');

export const credentialPutCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const content = await readContent(createFiles(), args.file, process.stdin);
      const by = whoAsks();
      const body = { content, scope: scopeOfArgs(args), by };
      const put = (await client.put(credentialPath(args.NAME), body)) as Put;
      if (args.json) return printJson(put);
      const life = credentialLifeText(put, put.putAt);
      const lives = life === '?' ? 'does not say how long it lives' : `lives ${life}`;
      print(
        `${put.name} for ${safeText(scopeText(put.scope))} ${put.replaced ? 'replaced' : 'put'}: ` +
          `version ${put.version}, ${lives}. VMs learn of it by their next heartbeat.`,
      );
    }),
});
