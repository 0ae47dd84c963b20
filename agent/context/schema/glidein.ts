import * as v from 'valibot';
import { CredentialName, HttpUrl, Label, text } from './words.ts';

/**
 * One word of glidein_startup.sh's command line. glideinWMS writes every other character as a name
 * between a dot and a comma (`.dollar,`, `.nbsp,`), so that no shell can act on it.
 */
const GlideinWord = text(
  /^[A-Za-z0-9._,:/=@%+~^-]+$/,
  'a word of letters, digits and . _ , : / = @ % + ~ ^ -',
  4096,
);

export const GlideinArguments = v.pipe(
  v.array(GlideinWord, 'a list of words'),
  v.maxLength(512, 'at most 512 words'),
);

/** What a glideinWMS factory asks of a VM; pilots of the kind `glideinwms` do it. */
export const Glidein = v.strictObject({
  /** Where glidein_startup.sh is fetched from: the factory's stage area. */
  webbase: HttpUrl,
  /** For glidein_startup.sh, in their order; those that the factory added to the submission come last. */
  args: v.optional(GlideinArguments, []),
  /** The entry point, as the arguments name it: `-factory`, `-name`, `-entry`. */
  factory: v.optional(Label),
  glidein: v.optional(Label),
  entry: v.optional(Label),
  /** How the stock launcher would look for user-data: EC2, NIMBUS, OPENNEBULA or GCE. */
  contextualizationType: v.optional(text(/^[A-Z0-9_]+$/, 'EC2, NIMBUS, OPENNEBULA or GCE', 32)),
  /** What the stock launcher is told; this agent powers off in any case. */
  disableShutdown: v.optional(v.boolean('true or false'), false),
  /** Names, under `credentials`, of the proxy and the token. */
  proxyFile: v.optional(CredentialName),
  tokenFile: v.optional(CredentialName),
});
export type Glidein = v.InferOutput<typeof Glidein>;
