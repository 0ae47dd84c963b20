import * as v from 'valibot';
import { CertificateAuthorities, isPlainHttpAllowed, KeyPin } from './receiver.ts';
import {
  AbsolutePath,
  CredentialName,
  Duration,
  EnvironmentName,
  HttpUrl,
  Secret,
  text,
} from './words.ts';

/** What pilots prove themselves with, and where fresh ones come from. */

/** A text without spaces or control characters, as RFC 6749 (appendix A) allows it in an identifier. */
const Identifier = text(/^[\x21-\x7E]+$/, 'printable characters without spaces', 1024);

const GRANTS = ['client_credentials', 'refresh_token', 'diracx-pilot'] as const;

const TokenEndpoint = v.pipe(
  v.strictObject({
    /** Where tokens are given: of DiracX, `https://diracx.example.org/api/pilots/token`. */
    url: HttpUrl,
    /** How: two of RFC 6749, and a DiracX pilot's stamp and secret, which are exchanged for tokens. */
    grant: v.picklist(GRANTS, `one of: ${GRANTS.join(', ')}`),
    clientId: v.optional(Identifier),
    clientSecret: v.optional(Secret),
    /** The first one; where the server gives another with each token, that one is kept on the disk. */
    refreshToken: v.optional(Secret),
    pilotStamp: v.optional(Identifier),
    pilotSecret: v.optional(Secret),
    /** Of DiracX: where its refresh tokens are exchanged; `refresh-token` beside the url. */
    refreshUrl: v.optional(HttpUrl),
    scope: v.optional(
      text(
        /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/,
        'scopes with a space between two',
        4000,
      ),
    ),
    /** Whom the token is for, where the server asks (WLCG and RFC 8693 call it so). */
    audience: v.optional(
      text(/^[\x21-\x7E]+(?: [\x21-\x7E]+)*$/, 'printable characters, a space between two', 2000),
    ),
    /** How the client proves itself: HTTP Basic, or in the request's body. */
    clientAuthentication: v.optional(v.picklist(['basic', 'body'], 'one of: basic, body'), 'basic'),
    /**
     * What pilots get: the access token alone, or the server's whole answer. That has the refresh token
     * too; where it changes at each use, pilots must leave its use to the agent.
     */
    write: v.optional(
      v.picklist(['access-token', 'response'], 'one of: access-token, response'),
      'access-token',
    ),
    /** PEM certificates of the authority that signed the server's. */
    ca: v.optional(CertificateAuthorities),
    /** Hash of the server's public key, as RFC 7469 writes it. */
    pin: v.optional(KeyPin),
    /** Plain HTTP to anything but this machine itself is refused unless this says yes. */
    allowPlainHttp: v.optional(v.boolean('true or false'), false),
  }),
  v.check(
    endpoint => isPlainHttpAllowed(endpoint),
    'plain HTTP beyond this machine needs allowPlainHttp: true',
  ),
  v.check(
    ({ refreshUrl, allowPlainHttp }) =>
      refreshUrl === undefined || isPlainHttpAllowed({ url: refreshUrl, allowPlainHttp }),
    'plain HTTP beyond this machine needs allowPlainHttp: true',
  ),
  v.check(
    ({ grant, clientId, clientSecret }) =>
      grant !== 'client_credentials' || (clientId !== undefined && clientSecret !== undefined),
    'with grant: client_credentials also clientId and clientSecret',
  ),
  v.check(
    ({ grant, clientId, refreshToken }) =>
      grant !== 'refresh_token' || (clientId !== undefined && refreshToken !== undefined),
    'with grant: refresh_token also clientId and refreshToken',
  ),
  v.check(
    ({ grant, pilotStamp, pilotSecret }) =>
      grant !== 'diracx-pilot' || (pilotStamp !== undefined && pilotSecret !== undefined),
    'with grant: diracx-pilot also pilotStamp and pilotSecret',
  ),
);
export type TokenEndpoint = v.InferOutput<typeof TokenEndpoint>;

/** Where fresh content comes from: one of these. */
const Source = v.pipe(
  v.strictObject({
    /** A file that somebody else keeps fresh, such as a token agent; not one that everybody may write. */
    file: v.optional(AbsolutePath),
    endpoint: v.optional(TokenEndpoint),
    /** The receiver, which an operator gave a credential of this name for this VM. */
    receiver: v.optional(v.literal(true, 'true')),
  }),
  v.check(
    source => Object.values(source).filter(value => value !== undefined).length === 1,
    'one of: file, endpoint, receiver',
  ),
);
export type CredentialSource = v.InferOutput<typeof Source>;

const Credential = v.pipe(
  v.strictObject({
    name: CredentialName,
    /** The credential itself; beside `from`, what serves until a fresh one has come. */
    content: v.optional(Secret),
    from: v.optional(Source),
    /** A fresh one is asked for at half of its life, and at least so long ahead of its end. */
    renewBefore: v.optional(Duration, '10m'),
    /**
     * Whether pilots cannot go on without it, so that the VM drains before it ends. So it is unless it only serves
     * `logs.upload`.
     */
    needed: v.optional(v.boolean('true or false')),
    /** Variable that tells pilots where the file is, e.g. X509_USER_PROXY or BEARER_TOKEN_FILE. */
    variable: v.optional(EnvironmentName),
  }),
  v.check(
    ({ content, from }) => content !== undefined || from !== undefined,
    'content, or from where it comes',
  ),
);
export type Credential = v.InferOutput<typeof Credential>;

export const Credentials = v.pipe(
  v.array(Credential, 'a list of credentials'),
  v.maxLength(32),
  v.check(all => new Set(all.map(({ name }) => name)).size === all.length, 'each name only once'),
);
