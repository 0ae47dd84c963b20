/** What is wrong with a context.sh, and in which line. */
export interface ContextShProblem {
  line: number;
  message: string;
  remedy: string;
}

export type ContextSh =
  | { ok: true; values: ReadonlyMap<string, string> }
  | { ok: false; problem: ContextShProblem };

const NAME = /[A-Za-z_][A-Za-z0-9_]*=/y;
const BLANK = /(?:[ \t\r\n]+|#[^\n]*)*/y;
const END = /(?:[ \t\r]+#[^\n]*|[ \t\r]*)(?:\n|$)/y;
const SINGLE = /'([^']*)'/y;
const DOUBLE = /"([^"\\$`]*(?:\\[\s\S][^"\\$`]*)*)"/y;
const ESCAPED = /\\([^\n])/y;
/** Characters that no shell treats in any way. */
const PLAIN = /[A-Za-z0-9_.,:=/@%+^-]+/y;

/** Within double quotes a backslash escapes only these; before a line's end it joins the lines. */
const unescapeDouble = (text: string): string =>
  text.replace(/\\([\\"$`\n])/g, (_, char: string) => (char === '\n' ? '' : char));

/**
 * OpenNebula's `context.sh`: assignments `KEY='VALUE'`, each value in one piece or, as a quote within
 * it demands, in several (`'it'\''s'`). It is read, never run: what a shell would expand or execute is
 * refused. A key that comes twice has its last value, as in a shell.
 */
export const parseContextSh = (text: string): ContextSh => {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  const piece = (): string | undefined => {
    const single = take(SINGLE);
    if (single !== undefined) return single[1];
    const double = take(DOUBLE);
    if (double !== undefined) return unescapeDouble(double[1] ?? '');
    return take(ESCAPED)?.[1] ?? take(PLAIN)?.[0];
  };
  const problem = (message: string): ContextSh => ({
    ok: false,
    problem: {
      line: text.slice(0, at).split('\n').length,
      message,
      remedy: "lines of the form KEY='VALUE', a quote in a value written as '\\''",
    },
  });

  const nul = text.indexOf('\0');
  if (nul >= 0) {
    at = nul;
    return problem('holds a NUL byte');
  }
  const values = new Map<string, string>();
  for (take(BLANK); at < text.length; take(BLANK)) {
    const name = take(NAME);
    if (name === undefined) return problem('is no assignment');
    let value = '';
    for (let next = piece(); next !== undefined; next = piece()) value += next;
    if (take(END) === undefined) {
      const open = text[at] === "'" || text[at] === '"';
      return problem(
        open
          ? `${name[0]} has a quote that is not closed, or an expansion within it`
          : `${name[0]} is followed by what a shell would expand or run`,
      );
    }
    values.set(name[0].slice(0, -1), value);
  }
  return { ok: true, values };
};
