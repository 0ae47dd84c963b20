/** What a scenario that must come to a line came to. */
export interface Conclusion {
  name: string;
  line: string | undefined;
}

/** The table at the end: a line each, and whose is missing. */
export const concludeRun = (
  conclusions: readonly Conclusion[],
): { lines: string[]; missing: string[] } => ({
  lines: conclusions.flatMap(({ name, line }) => (line === undefined ? [] : [`${name} | ${line}`])),
  missing: conclusions.filter(({ line }) => line === undefined).map(({ name }) => name),
});
