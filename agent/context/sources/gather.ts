import { isPilotageError, type PilotageError } from '../../../platform/errors.ts';
import { readDetectionFacts } from './detection-facts.ts';
import { SOURCES } from './index.ts';
import type { CloudFacts, Patience, Source, SourceName, SourcePorts } from './source.ts';

/** What was detected, what it told, and what failed. */
export interface Gathered {
  detected: { name: SourceName; because: string }[];
  facts: CloudFacts;
  /** Of the first source that has any. */
  userData?: { from: SourceName; bytes: Buffer };
  failures: { name: SourceName; error: PilotageError }[];
}

export type GatherPorts = Omit<SourcePorts, 'known' | 'patience'>;

/** For the context itself: metadata services may come up minutes after the VM. */
export const FOR_USER_DATA: Patience = { requestMs: 10_000, totalMs: 240_000 };
/** For facts alone, which a VM can do without. */
export const FOR_FACTS: Patience = { requestMs: 3_000, totalMs: 10_000 };

/**
 * Detects, then asks each source in its turn that can still tell something new. A source that fails
 * stops no other; whether that matters is the caller's to judge.
 * @param needed patience while user-data is still looked for
 */
export const gather = async (
  ports: GatherPorts,
  needed: Patience,
  signal: AbortSignal,
  sources: readonly Source[] = SOURCES,
): Promise<Gathered> => {
  const known = await readDetectionFacts(ports.files);
  const found: Gathered = { detected: [], facts: {}, failures: [] };
  const speaking = sources.filter(source => {
    const because = source.detect(known)?.because;
    if (because !== undefined) found.detected.push({ name: source.name, because });
    return because !== undefined;
  });
  for (const source of speaking) {
    const isWanted = found.userData === undefined;
    if (!isWanted && source.tells.every(fact => found.facts[fact] !== undefined)) continue;
    try {
      const patience = isWanted ? needed : FOR_FACTS;
      const { facts, userData } = await source.fetch({ ...ports, known, patience }, signal);
      found.facts = { ...facts, ...found.facts };
      if (isWanted && userData !== undefined)
        found.userData = { from: source.name, bytes: userData };
    } catch (error) {
      if (!isPilotageError(error) || signal.aborted) throw error;
      found.failures.push({ name: source.name, error });
    }
  }
  return found;
};
