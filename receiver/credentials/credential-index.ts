import {
  type CredentialScope,
  narrowness,
  partsOf,
  type Subject,
  scopeKey,
  scopeOf,
} from './credential-scope.ts';

/** What can be looked up. */
interface Entry {
  name: string;
  scope: CredentialScope;
}

/** Entries of one name whose scopes have the same parts, by their values. */
interface Tier<E> {
  parts: ReturnType<typeof partsOf>;
  byScope: ReadonlyMap<string, E>;
}

export interface CredentialIndex<E> {
  /** Of each name the narrowest that is meant for this VM, sorted by name. */
  all(subject: Subject): E[];
  /** The same for one name. */
  one(subject: Subject, name: string): E | undefined;
}

const tiersOf = <E extends Entry>(entries: readonly E[]): Tier<E>[] => {
  const byNarrowness = Map.groupBy(entries, ({ scope }) => narrowness(scope));
  return [...byNarrowness]
    .sort(([a], [b]) => b - a)
    .map(([, tier]) => ({
      parts: partsOf(tier[0]?.scope ?? {}),
      byScope: new Map(tier.map(entry => [scopeKey(entry.scope), entry])),
    }));
};

/**
 * Finds what is meant for a VM by a few look-ups for each name, however many scopes there are: at
 * every heartbeat somebody asks.
 */
export const createCredentialIndex = <E extends Entry>(
  entries: readonly E[],
): CredentialIndex<E> => {
  const byName = new Map(
    [...Map.groupBy(entries, ({ name }) => name)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, named]) => [name, tiersOf(named)]),
  );
  const narrowest = (subject: Subject, tiers: readonly Tier<E>[]): E | undefined => {
    for (const { parts, byScope } of tiers) {
      const scope = scopeOf(subject, parts);
      const found = scope === undefined ? undefined : byScope.get(scopeKey(scope));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    all: subject =>
      [...byName.values()].flatMap(tiers => {
        const found = narrowest(subject, tiers);
        return found === undefined ? [] : [found];
      }),
    one: (subject, name) => narrowest(subject, byName.get(name) ?? []),
  };
};
