import fc from 'fast-check';
import { validContext } from './valid.ts';

const word = fc.stringMatching(/^[a-z0-9._-]{1,20}$/);

/** What each grant needs: rules between keys, of which the schema's own values seldom hold. */
const grant = fc.oneof(
  fc.record({ grant: fc.constant('client_credentials'), clientId: word, clientSecret: word }),
  fc.record({ grant: fc.constant('refresh_token'), clientId: word, refreshToken: word }),
  fc.record({ grant: fc.constant('diracx-pilot'), pilotStamp: word, pilotSecret: word }),
);
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const endpoint = fc
  .tuple(
    grant,
    fc.record(
      {
        refreshUrl: fc.constant('https://diracx.example.org/refresh-token'),
        scope: word,
        audience: word,
        clientAuthentication: fc.constantFrom('basic', 'body'),
        write: fc.constantFrom('access-token', 'response'),
        allowPlainHttp: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom({}, { ca: PEM }, { pin: `sha256//${'A'.repeat(43)}=` }),
  )
  .map(parts => Object.assign({ url: 'https://iam.example.org/token' }, ...parts));

const source = fc.oneof(
  fc.record({ file: fc.constant('/run/token') }),
  fc.record({ receiver: fc.constant(true) }),
  fc.record({ endpoint }),
);

const credential = fc.oneof(
  fc.record({ content: fc.string({ minLength: 1, maxLength: 200 }) }),
  fc.record({ from: source }),
);
const credentials = fc.uniqueArray(
  fc
    .tuple(
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      credential,
      fc.record(
        { variable: fc.constantFrom('X509_USER_PROXY', 'BEARER_TOKEN_FILE') },
        { requiredKeys: [] },
      ),
    )
    .map(([name, what, rest]) => ({ name, ...what, ...rest })),
  { selector: ({ name }) => name, maxLength: 4 },
);

/** Valid contexts whose credentials come from somewhere: for what reads and plans, not for what fetches. */
export const renewedContext: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(validContext, credentials)
  .map(([context, all]) => ({ ...context, credentials: all }));
