/** Whose log a file of `PATHS.logs` is: `00-3.out` is the output of the third run of slot 00. */
export interface LogName {
  slot: string;
  generation: number;
  /** `out`, `err`, `evidence`, … */
  what: string;
}

/** The newest run of each slot among these. */
export const newestRuns = (
  runs: Iterable<Pick<LogName, 'slot' | 'generation'>>,
): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>();
  for (const { slot, generation } of runs)
    newest.set(slot, Math.max(generation, newest.get(slot) ?? 0));
  return newest;
};

/** `undefined` for a file that is no log of a pilot. */
export const parseLogName = (name: string): LogName | undefined => {
  const match = /^([0-9]{2,5})-([0-9]{1,9})\.([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/.exec(name);
  const [, slot, generation, what] = match ?? [];
  if (slot === undefined || what === undefined) return undefined;
  return { slot, generation: Number(generation), what };
};
