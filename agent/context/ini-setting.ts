import { markedBlock, withoutMarkedLines } from './marked-lines.ts';

/**
 * One setting of ours in an ini file that is not: between marks, and what it outranks is kept as a
 * comment, since readers refuse a key that stands twice. All else stays as it is.
 */

export interface IniSetting {
  /** Empty for what stands before the first section. */
  section: string;
  key: string;
  value: string;
}

const keptMark = (name: string): string => `# pilotage ${name} kept: `;
const headerOf = (line: string): string | undefined => /^\s*\[\s*(.+?)\s*\]\s*$/.exec(line)?.[1];
const isBlank = (line: string): boolean => /^\s*(?:[#;]|$)/.test(line);
const keyOf = (line: string): string | undefined =>
  /^([A-Za-z0-9_.-]+)\s*[=:]/.exec(line)?.[1]?.toLowerCase();

/** The lines with those of one key, and what is indented beneath them, as comments. */
const keeping = (lines: readonly string[], key: string, mark: string): string[] => {
  let isOurs = false;
  return lines.map(line => {
    const isContinued = isOurs && /^\s+\S/.test(line);
    isOurs = !isBlank(line) && (keyOf(line) === key || isContinued);
    return isOurs ? `${mark}${line}` : line;
  });
};

/** The text as it was before `withSetting` of that name. */
export const withoutSetting = (text: string, name: string): string => {
  const mark = keptMark(name);
  return withoutMarkedLines(text, name)
    .split('\n')
    .map(line => (line.startsWith(mark) ? line.slice(mark.length) : line))
    .join('\n');
};

/** The text with this setting in force; the section is made where there is none. */
export const withSetting = (text: string, name: string, setting: IniSetting): string => {
  const { section, key, value } = setting;
  const before = withoutSetting(text, name);
  const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const line = `${key}=${value}`;
  const header = section === '' ? -1 : lines.findIndex(found => headerOf(found) === section);
  if (section !== '' && header === -1)
    return `${[...lines, ...markedBlock(name, [`[${section}]`, line])].join('\n')}\n`;
  const next = lines.findIndex((found, at) => at > header && headerOf(found) !== undefined);
  const end = next === -1 ? lines.length : next;
  const changed = [
    ...lines.slice(0, header + 1),
    ...markedBlock(name, [line]),
    ...keeping(lines.slice(header + 1, end), key.toLowerCase(), keptMark(name)),
    ...lines.slice(end),
  ];
  return `${changed.join('\n')}\n`;
};
