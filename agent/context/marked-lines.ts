/**
 * A few lines of ours in a file that is not: between two marks, so that they can be replaced and taken
 * out again, and all around them stays as it is.
 */

const begin = (name: string): string => `# pilotage ${name}: begin`;
const end = (name: string): string => `# pilotage ${name}: end`;

const linesOf = (text: string): string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');
const textOf = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${lines.join('\n')}\n`;

/** Our lines of that name, as they stand in the text. */
export const markedLinesIn = (text: string, name: string): string[] => {
  const lines = linesOf(text);
  const from = lines.indexOf(begin(name));
  const to = lines.indexOf(end(name), from);
  return from === -1 || to === -1 ? [] : lines.slice(from + 1, to);
};

/** Lines of ours between their marks. */
export const markedBlock = (name: string, ours: readonly string[]): string[] => [
  begin(name),
  ...ours,
  end(name),
];

/** The text without the lines of that name; one whose end somebody has deleted ends with its begin. */
export const withoutMarkedLines = (text: string, name: string): string => {
  const lines = linesOf(text);
  const from = lines.indexOf(begin(name));
  if (from === -1) return text;
  const to = lines.indexOf(end(name), from);
  return textOf([...lines.slice(0, from), ...lines.slice(to === -1 ? from + 1 : to + 1)]);
};

/** The text with these lines in the place of those of that name, or at its end. */
export const withMarkedLines = (text: string, name: string, ours: readonly string[]): string => {
  const at = linesOf(text).indexOf(begin(name));
  const rest = linesOf(withoutMarkedLines(text, name));
  const place = at === -1 ? rest.length : at;
  return textOf([...rest.slice(0, place), ...markedBlock(name, ours), ...rest.slice(place)]);
};
