/** In single quotes for sh, which reads these files; the schema lets no quote get this far. */
export const quoted = (value: string): string => `'${value}'`;

/** The first line of each file that we write. */
export const HEAD = '# Written by pilotage-agent from the context.';

export const linesOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
