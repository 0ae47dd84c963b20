/** A value and where it stands. */
export interface IniValue {
  value: string;
  /** From 1. */
  line: number;
}

/** `section.key`, both in lower case → value; in the order of the file. */
export type Ini = ReadonlyMap<string, IniValue>;

/**
 * INI as Python's ConfigParser reads it: `key = value` or `key: value`, comments on lines of their
 * own, and values that go on in indented lines.
 * @returns the line that cannot be understood, where there is one
 */
export const parseIni = (text: string): { ini: Ini } | { badLine: number } => {
  const ini = new Map<string, IniValue>();
  let section: string | undefined;
  let last: IniValue | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:[#;].*)?$/.test(raw)) continue;
    if (/^\s/.test(raw) && last !== undefined) {
      last.value = `${last.value} ${raw.trim()}`.trim();
      continue;
    }
    const header = /^\[([^\]]+)\]\s*$/.exec(raw)?.[1];
    if (header !== undefined) {
      section = header.trim().toLowerCase();
      last = undefined;
      continue;
    }
    const [, key, value] = /^([^=:\s][^=:]*)[=:](.*)$/.exec(raw) ?? [];
    if (section === undefined || key === undefined || value === undefined)
      return { badLine: index + 1 };
    last = { value: value.trim(), line: index + 1 };
    ini.set(`${section}.${key.trim().toLowerCase()}`, last);
  }
  return { ini };
};
