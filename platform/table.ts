/**
 * Text from a VM, made safe for a terminal: no control character, nor any that turns the direction
 * of writing, may move the cursor or change what is already shown.
 */
export const safeText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');

/** The same for many lines: line ends and tabs stay. */
export const safeLines = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');

/** Columns as wide as their widest cell, two spaces apart, nothing behind the last. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [head, ...rows.map(row => row.map(safeText))];
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  return lines
    .map(line =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** `name  value` lines; what is empty is left out. */
export const facts = (rows: readonly (readonly [string, string])[]): string => {
  const said = rows.filter(([, value]) => value !== '');
  const width = Math.max(...said.map(([name]) => name.length));
  return said.map(([name, value]) => `${name.padEnd(width)}  ${safeText(value)}`).join('\n');
};
