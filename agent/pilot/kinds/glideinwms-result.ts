import type { Answer } from '../answer.ts';
import type { Outcome } from '../outcome.ts';

/**
 * What a glidein says of its end: an OSGTestResult in its standard output, between two marks. It is written by
 * scripts that escape nothing, so it is read for its elements and not parsed as XML.
 */

const MARKED =
  /=== XML description of glidein activity ===\n([\s\S]*?)=== End XML description of glidein activity ===/g;
const ACTIVATIONS = /^Total number of activations\/claims: (\d{1,9})\s*$/gm;
const WHY_CHARACTERS = 250;

/** The standard failure types of glideinWMS, in lower case; others are of the VO's own scripts. */
const OUTCOME_OF_FAILURE: Readonly<Record<string, Outcome>> = {
  wn_resource: 'bad-node',
  network: 'transient',
  corruption: 'transient',
  unknown: 'transient',
  config: 'site-problem',
  vo_config: 'site-problem',
  vo_proxy: 'site-problem',
  vo_data: 'site-problem',
};

/** A factory's own list of nodes that it does not want. */
const BLACKLIST = /(?:^|\/)check_blacklist\.sh$/;

export interface GlideinResult {
  status: 'OK' | 'ERROR';
  metrics: Readonly<Record<string, string>>;
  detail: string;
}

/** The last result in a text; `undefined` if there is none that is whole. */
export const findResult = (text: string): GlideinResult | undefined => {
  const xml = [...text.matchAll(MARKED)].at(-1)?.[1];
  const status = /<status>(OK|ERROR)<\/status>/.exec(xml ?? '')?.[1];
  if (xml === undefined || (status !== 'OK' && status !== 'ERROR')) return undefined;
  const metrics = [...xml.matchAll(/<metric name="([^"]{1,100})"[^>]*>([^<]*)<\/metric>/g)];
  return {
    status,
    metrics: Object.fromEntries(metrics.map(([, name = '', value = '']) => [name, value.trim()])),
    detail: /<detail>([\s\S]*?)<\/detail>/.exec(xml)?.[1] ?? '',
  };
};

/** One line for people. */
const sentenceOf = ({ metrics, detail }: GlideinResult): string => {
  const told = detail
    .replace(/^\s*Validation failed in \S+\s*$/m, '')
    .replaceAll(/[^\x21-\x7E]+/g, ' ')
    .trim();
  return [metrics.TestID, metrics.failure, told]
    .filter(part => part !== undefined && part !== '')
    .join(': ')
    .slice(0, WHY_CHARACTERS);
};

const outcomeOf = ({ failure = '', TestID = '' }: GlideinResult['metrics']): Outcome =>
  BLACKLIST.test(TestID) ? 'banned' : (OUTCOME_OF_FAILURE[failure.toLowerCase()] ?? 'site-problem');

/** Jobs that it ran: claims that were activated, or else what its result counts. */
const startedOf = (text: string, result: GlideinResult | undefined): number | undefined => {
  const counts = [...text.matchAll(ACTIVATIONS)].map(([, count]) => Number(count));
  // Of several glideins in one pilot each counts its own.
  if (counts.length > 0) return counts.reduce((sum, count) => sum + count, 0);
  const jobs = Math.ceil(Number(result?.metrics.TotalJobsNr ?? Number.NaN));
  return Number.isSafeInteger(jobs) && jobs >= 0 ? jobs : undefined;
};

/** The end of a glidein's standard output → what is known by it. */
export const readGlideinEnd = (text: string): Partial<Answer> => {
  const result = findResult(text);
  const payloadsStarted = startedOf(text, result);
  const started = payloadsStarted === undefined ? {} : { payloadsStarted };
  if (result?.status !== 'ERROR') return started;
  const why = sentenceOf(result);
  return {
    ...started,
    end: { outcome: outcomeOf(result.metrics), ...(why === '' ? {} : { why }) },
  };
};
