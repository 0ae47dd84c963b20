/** A program that becomes the leader of a session of its own. */
export interface SessionLaunch {
  /** Digits and dashes. */
  id: string;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  workingFolder: string;
  /** Files to which its output is added; they are made for us alone. */
  stdout: string;
  stderr: string;
}

/** The last line that a launch says: all were begun. Before it stand the ids of those that could not. */
export const LAUNCHED = 'launched';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Whatever fails before the program runs says so; a program that runs holds nothing of ours open. Output
 * files are opened under a mask that is not the program's.
 */
const launchOne = (launch: SessionLaunch): string => {
  const { id, command, environment, workingFolder, stdout, stderr } = launch;
  const exports = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  return `(
trap 'echo ${id} >&3' EXIT
umask 077
exec 4>>${quoted(stdout)} 5>>${quoted(stderr)}
umask "$mask"
cd -- ${quoted(workingFolder)} || exit
${exports.length === 0 ? '' : `export ${exports.join(' ')}`}
exec "$setsid" ${command.map(quoted).join(' ')} </dev/null >&4 2>&5 3>&- 4>&- 5>&-
) &
`;
};

/**
 * What a shell is told on its standard input, where no other process reads it, to begin many programs at
 * once. Afterwards it stays until they have ended, since somebody must take note of that.
 */
export const launchScript = (launches: readonly SessionLaunch[]): string => `
exec 3>&1 >/dev/null 2>/dev/null
mask=$(umask)
setsid=$(command -v setsid) || exit
${launches.map(launchOne).join('')}
echo ${LAUNCHED} >&3
exec 3>&-
wait
`;
