import * as v from 'valibot';
import { parseDuration } from '../../../platform/duration.ts';

/**
 * The words that the context is made of. Every string that ends up in a file of the system is held
 * to a pattern here, so that nothing can be smuggled into it. The messages say what is expected.
 */

const DURATION = 'a duration with a unit, such as 90s, 20m or 48h';
export const Duration = v.pipe(
  v.string(DURATION),
  v.regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, DURATION),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ms = parseDuration(dataset.value);
    if (ms !== undefined) return ms;
    addIssue({ message: DURATION });
    return NEVER;
  }),
);
export const text = (pattern: RegExp, what: string, maxChars = 255) =>
  v.pipe(
    v.string(what),
    v.maxLength(maxChars, `at most ${maxChars} characters`),
    v.regex(pattern, what),
  );
export const whole = (min: number, max: number) => {
  const what = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(what), v.integer(what), v.minValue(min, what), v.maxValue(max, what));
};
export const share = v.pipe(
  v.number('a number'),
  v.minValue(0, 'not below 0'),
  v.maxValue(1024, 'at most 1024'),
);

/** A label for people and tables: printable, no control characters. */
export const Label = text(/^[^\p{Cc}\p{Cf}]+$/u, 'a short printable text');
export const AbsolutePath = text(
  /^(?!.*(?:^|\/)\.\.?(?:\/|$))\/[A-Za-z0-9._/-]*[A-Za-z0-9._-]$/,
  'an absolute path of letters, digits, dots, dashes and slashes, without . or ..',
);
/** A name or address of a host, with its port if it has one. */
const HOST =
  '(?:[A-Za-z0-9][A-Za-z0-9-]*(?:\\.[A-Za-z0-9][A-Za-z0-9-]*)*|\\[[0-9A-Fa-f:.]+\\])(?::\\d{1,5})?';
export const HttpUrl = text(
  new RegExp(`^https?://${HOST}(?:/[A-Za-z0-9._~/-]*)?$`),
  'an http or https address such as http://squid.example.org:3128',
  500,
);
/** Where a repository lies on a server; the client puts its name for `@fqrn@`, its organisation for `@org@`. */
export const StratumUrl = text(
  new RegExp(`^https?://${HOST}/[A-Za-z0-9._~/@-]*$`),
  'an address such as http://stratum1.example.org/cvmfs/@fqrn@',
  500,
);
export const Repository = text(
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
  'a fully qualified repository name such as atlas.cern.ch',
);
/** DIRECT and auto look like hosts; named apart, they could be read in two ways each, and 40 of them for ever. */
const PROXY = `(?:https?://)?${HOST}`;
export const ProxyString = text(
  new RegExp(`^${PROXY}(?:[|;]${PROXY})*$`),
  'a CVMFS proxy string such as http://a:3128|http://b:3128;DIRECT, without spaces',
  4000,
);
export const UserPrefix = text(
  /^[a-z][a-z0-9-]{0,11}$/,
  'up to 12 lower-case letters, digits and dashes',
);
export const GroupName = text(/^[a-z_][a-z0-9_-]{0,30}$/, 'a group name of the system');
export const CredentialName = text(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  'a file name of letters, digits, dots and dashes',
);
export const EnvironmentName = text(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'a variable name of letters, digits and underscores',
);
export const Secret = v.pipe(
  v.string('a text'),
  v.minLength(1, 'not empty'),
  v.maxLength(65_536, 'at most 64 KiB'),
  v.metadata({ secret: true }),
);
