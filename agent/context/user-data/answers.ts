import * as v from 'valibot';
import { parseDuration } from '../../../platform/duration.ts';
import { fitLifetime } from '../fit-lifetime.ts';
import type { Json } from '../merge.ts';
import { Cvmfs } from '../schema/cvmfs.ts';
import { CommandPilots } from '../schema/pilot-command.ts';
import { Identity, Receiver } from '../schema/receiver.ts';
import { SystemProxy } from '../schema/system.ts';
import { Duration, Secret } from '../schema/words.ts';
import type { QuestionName } from './words.ts';

type Piece = { [key: string]: Json };

/** How an answer becomes a part of the context. */
interface Meaning {
  /** The answer names a file that holds the value, as of a secret. */
  inFile?: true;
  /** One text → what is a list in the context. */
  split?(text: string): string[];
  schema: v.GenericSchema;
  toContext(value: Json): Piece;
}

const receiver = (key: keyof typeof Receiver.entries): Meaning => ({
  schema: Receiver.entries[key],
  toContext: value => ({ receiver: { [key]: value } }),
});
const identity = (key: keyof typeof Identity.entries): Meaning => ({
  schema: Identity.entries[key],
  toContext: value => ({ identity: { [key]: value } }),
});
const cvmfs = (key: keyof typeof Cvmfs.entries): Meaning => ({
  schema: Cvmfs.entries[key],
  toContext: value => ({ cvmfs: { [key]: value } }),
});
const pilots = (key: 'kind' | 'command' | 'slots'): Meaning => ({
  schema: CommandPilots.entries[key],
  toContext: value => ({ pilots: { [key]: value } }),
});
const credential = (name: string, variable: string): Meaning => ({
  inFile: true,
  schema: Secret,
  toContext: content => ({ credentials: [{ name, variable, content }] }),
});
const listOf =
  (separator: RegExp) =>
  (text: string): string[] =>
    text.split(separator).filter(item => item !== '');

const MEANINGS: Readonly<Record<QuestionName, Meaning>> = {
  'receiver-url': receiver('url'),
  'receiver-pin': receiver('pin'),
  'receiver-ca-file': { ...receiver('ca'), inFile: true },
  'enrolment-secret-file': { ...receiver('enrolmentSecret'), inFile: true },
  site: identity('site'),
  endpoint: identity('endpoint'),
  'running-pod': identity('runningPod'),
  vo: identity('vo'),
  image: identity('image'),
  repositories: { ...cvmfs('repositories'), split: listOf(/\s*,\s*/) },
  proxies: cvmfs('proxies'),
  'http-proxy': {
    schema: SystemProxy.entries.http,
    toContext: value => ({ proxy: { http: value } }),
  },
  kind: pilots('kind'),
  command: {
    ...pilots('command'),
    split: listOf(/\s+/),
    toContext: value => ({ pilots: { kind: 'command', command: value } }),
  },
  slots: pilots('slots'),
  lifetime: {
    schema: Duration,
    toContext: value => ({
      policies: { lifetime: fitLifetime((parseDuration(String(value)) ?? 0) / 1000) },
    }),
  },
  'pilot-token-file': credential('pilot-token', 'BEARER_TOKEN_FILE'),
  'pilot-proxy-file': credential('pilot-proxy', 'X509_USER_PROXY'),
};

export const isInFile = (name: QuestionName): boolean => MEANINGS[name].inFile === true;

/** Marks by which a shell keeps words together; here they would stand in an argument. */
const QUOTES = /["'\\]/;

/**
 * An answer → its piece of context, or what it should be instead.
 * @param answer one text, or a list where the context has a list
 */
export const interpret = (
  name: QuestionName,
  answer: string | readonly string[],
): { piece: Piece } | { remedy: string } => {
  const { split, schema, toContext } = MEANINGS[name];
  if (name === 'command' && typeof answer === 'string' && QUOTES.test(answer))
    return { remedy: 'words without quotes; with blanks in them, a list in a file of answers' };
  const value: Json = typeof answer === 'string' ? (split?.(answer) ?? answer) : [...answer];
  const result = v.safeParse(schema, value);
  if (!result.success) return { remedy: result.issues[0]?.message ?? 'something else' };
  return { piece: toContext(value) };
};
