/** What is asked of a scenario to be chosen by name. */
export interface Named {
  name: string;
  smoke: boolean;
}

const groupOf = (name: string): string | undefined =>
  name.includes('-') ? name.slice(0, name.indexOf('-')) : undefined;

/** First words that several names share: `context` of `context-ec2` and `context-nocloud`. */
export const groupsOf = (scenarios: readonly Named[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const { name } of scenarios) {
    const group = groupOf(name);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  for (const [group, names] of groups) if (names.length < 2) groups.delete(group);
  return groups;
};

/**
 * The scenarios of some names and groups, in their own order; without a name the smoke set.
 * @throws Error that names what is unknown
 */
export const selectScenarios = <T extends Named>(
  scenarios: readonly T[],
  asked: readonly string[],
): T[] => {
  const groups = groupsOf(scenarios);
  const names = new Set(asked.flatMap(name => groups.get(name) ?? [name]));
  const unknown = [...names].filter(name => !scenarios.some(known => known.name === name));
  if (unknown.length > 0)
    throw new Error(`no scenario is called ${unknown.join(', ')}; --list shows them all`);
  return scenarios.filter(({ name, smoke }) => (asked.length === 0 ? smoke : names.has(name)));
};
