import * as v from 'valibot';
import { HttpUrl, text } from './words.ts';

/** Other contexts that come before this one, in their order; it overrides them. */

const PATH = String.raw`\/?(?!\.\.?(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._-]+)*`;
const IncludePath = text(
  new RegExp(`^${PATH}$`),
  'a path of letters, digits, dots, dashes and slashes, without . or ..',
);
const ADDRESS = String.raw`https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._~/-]*)?`;
const Where = text(
  new RegExp(`^(?:${ADDRESS}|${PATH})$`),
  'a path without . or .., or an https address; http needs url and sha256',
  500,
);

const Sha256 = text(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 hexadecimal digits in lower case');

const Included = v.pipe(
  v.strictObject({
    /** A path, absolute or from the folder of the including file. */
    file: v.optional(IncludePath),
    url: v.optional(HttpUrl),
    /** What it must be, byte for byte. */
    sha256: v.optional(Sha256),
    /** True: without it where it cannot be had. */
    optional: v.optional(v.boolean('true or false'), false),
  }),
  v.check(
    ({ file, url }) => (file === undefined) !== (url === undefined),
    'either file or url, and one of them',
  ),
  v.check(
    ({ url, sha256 }) => url?.startsWith('http:') !== true || sha256 !== undefined,
    'plain HTTP needs a sha256',
  ),
);

export const INCLUDES = 32;
/** An entry's settings, or just where it is; lazy, so that an error names what is wrong inside. */
export const Include = v.pipe(
  v.array(
    v.lazy((input): typeof Included | typeof Where =>
      typeof input === 'object' ? Included : Where,
    ),
    'a list of files and https addresses',
  ),
  v.maxLength(INCLUDES, `at most ${INCLUDES}`),
);
export type Include = v.InferOutput<typeof Include>;
