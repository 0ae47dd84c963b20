import { createExec } from '../platform/exec.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';

/** What a well-made binary answers to `--version`, told by the name it was called by. */
export const versionLineOf = (
  program: 'pilotage-agent' | 'shoal-client',
  version: string,
): string =>
  program === 'pilotage-agent'
    ? `pilotage-agent ${version} (protocol ${PROTOCOL_VERSION})`
    : `shoal-client ${version}`;

/**
 * Runs a freshly built binary once, with an empty environment, and refuses it unless it says what it
 * should. A base into which nothing was injected is a bare Node, and prints Node's own version.
 */
export const checkBinary = async (path: string, version: string): Promise<void> => {
  const expected = versionLineOf('pilotage-agent', version);
  const { exitCode, stdout, stderr } = await createExec().run(path, ['--version'], {
    timeoutMs: 30_000,
    env: {},
    allowedExitCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  const said = stdout.trim();
  if (exitCode === 0 && said === expected) return;
  const bare = /^v\d+\.\d+\.\d+$/.test(said) ? ' (a bare Node: the program was not injected)' : '';
  throw new Error(
    `the binary is refused: --version should print "${expected}", ` +
      `but it printed "${said}"${bare} and ended with exit code ${exitCode}. ${stderr.trim()}`.trim(),
  );
};
