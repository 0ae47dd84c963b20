import * as v from 'valibot';
import { PilotageError } from '../platform/errors.ts';
import type { Candidate } from './candidate.ts';

/** Entries looked at in one reply. */
const MAX_ENTRIES = 1000;

const Address = v.nullish(v.pipe(v.string(), v.ip()));
const Port = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number))]),
  v.integer(),
  v.minValue(1),
  v.maxValue(65_535),
);
const Amount = v.nullish(v.pipe(v.number(), v.finite()));

/** What this client uses of an entry; servers send more, and which fields differs by version. */
const Entry = v.object({
  hostname: v.optional(v.pipe(v.string(), v.maxLength(256)), ''),
  /** Servers below 1.1. */
  squid_port: v.nullish(Port),
  /** Servers from 1.1 on. */
  cache_port: v.nullish(Port),
  private_ip: Address,
  public_ip: Address,
  external_ip: Address,
  upstream: v.nullish(v.picklist(['both', 'cvmfs', 'frontier'])),
  distance: Amount,
  load: Amount,
});

/** To valibot a list is a record as well, so lists are refused first. */
const Reply = v.pipe(
  v.unknown(),
  v.check(reply => !Array.isArray(reply)),
  v.nullable(v.record(v.string(), v.unknown())),
);

export interface Nearest {
  /** In the server's order. */
  candidates: Candidate[];
  /** Entries that could not be understood, or that name no address or port. */
  ignored: number;
}

const parseEntry = (entry: unknown): Candidate | undefined => {
  const parsed = v.safeParse(Entry, entry);
  if (!parsed.success) return undefined;
  const { hostname, private_ip, public_ip, external_ip, upstream, distance, load } = parsed.output;
  const address = private_ip ?? public_ip ?? external_ip;
  const port = parsed.output.cache_port ?? parsed.output.squid_port;
  if (address == null || port == null) return undefined;
  return {
    hostname,
    address,
    port,
    isPrivate: address === private_ip,
    upstream: upstream ?? 'both',
    ...(distance == null ? {} : { distance }),
    ...(load == null ? {} : { loadKibps: load }),
  };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new PilotageError('reply-invalid', 'the Shoal server did not answer in JSON', {}, error);
  }
};

/**
 * The reply of a Shoal server to `/nearest/N`: an object keyed `"0"`, `"1"`, …, or `null` when it
 * knows no squid or cannot tell where the client is. Private addresses come before public ones, as
 * in the stock client. Only IP literals are taken, so nothing a server says can add to the proxy
 * string. One bad entry does not spoil the others; a reply that is none fails with `reply-invalid`.
 */
export const parseNearest = (body: string): Nearest => {
  const reply = v.safeParse(Reply, parseJson(body));
  if (!reply.success)
    throw new PilotageError(
      'reply-invalid',
      'the Shoal server answered with something other than a list of squids',
    );
  const entries = Object.entries(reply.output ?? {})
    .filter(([key]) => /^\d{1,9}$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .slice(0, MAX_ENTRIES);
  const candidates = entries
    .map(([, entry]) => parseEntry(entry))
    .filter(candidate => candidate !== undefined);
  return { candidates, ignored: entries.length - candidates.length };
};
