/** How texts are written into condor's configuration, so that they mean themselves and nothing more. */

/** Text that expands nothing: `$(DOLLAR)` is how a dollar is written where `$(…)` is a macro. */
export const literal = (text: string): string => {
  if (/[\n\r\0]|@=/.test(text)) throw new Error(`no word of condor's configuration: ${text}`);
  return text.replaceAll('$', '$(DOLLAR)');
};

/** A ClassAd string: quotes and backslashes are escaped. */
const classAdString = (text: string): string =>
  `"${literal(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`;

export const classAdValue = (value: string | number | boolean): string =>
  typeof value === 'string' ? classAdString(value) : String(value);

/** `KEY = value`, one a line; what is left out is not said. */
export const configurationText = (
  settings: readonly (readonly [string, string | number | undefined])[],
): string =>
  settings
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');

/**
 * Condor's own syntax for an environment: words in single quotes, all of it in double ones; both are
 * doubled inside.
 */
export const environmentText = (environment: Readonly<Record<string, string>>): string => {
  const words = Object.entries(environment).map(
    ([name, value]) => `${name}='${literal(value).replaceAll("'", "''").replaceAll('"', '""')}'`,
  );
  return `"${words.join(' ')}"`;
};
