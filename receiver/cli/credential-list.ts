import type { Argv } from 'yargs';
import { table } from '../../platform/table.ts';
import { scopeText } from '../credentials/credential-scope.ts';
import type { CredentialView } from '../credentials/credential-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { credentialLifeText } from './credential-life-text.ts';
import { clientOptions, withReceiver } from './receiver-client.ts';

interface Listed {
  receiverTime: string;
  credentials: CredentialView[];
}

const options = (argv: Argv) =>
  clientOptions(argv).example(
    '$0 credential list',
    'what there is for whom, and how long it lives',
  );

export const credentialListCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const { credentials, receiverTime } = (await client.get('/v1/credentials')) as Listed;
      if (args.json) return printJson(credentials);
      if (credentials.length === 0) return print('there are no credentials');
      const rows = credentials.map(each => [
        each.name,
        scopeText(each.scope),
        each.state,
        credentialLifeText(each, receiverTime),
        each.putAt,
        each.putBy,
        each.version,
      ]);
      print(table(['NAME', 'FOR', 'STATE', 'LIVES', 'PUT', 'BY', 'VERSION'], rows));
    }),
});
