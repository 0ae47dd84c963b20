import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const BINARY = join(REPOSITORY, 'dist/pilotage-agent');
const BUILD = join(REPOSITORY, 'bootstrap/build-agent.ts');

/** What the binary is made of. */
const SOURCES = [
  ...['agent', 'platform', 'protocol', 'shoal-client'],
  ...['bootstrap/agent-bundle.ts', 'bootstrap/build-agent.ts', 'package-lock.json'],
];

const changedMs = (path: string): number => {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(path, name)).mtimeMs)
    .reduce((newest, ms) => Math.max(newest, ms), stat.mtimeMs);
};

const staleness = (): string | undefined => {
  if (!existsSync(BINARY)) return 'there is no dist/pilotage-agent yet';
  const builtMs = statSync(BINARY).mtimeMs;
  const newer = SOURCES.find(source => changedMs(join(REPOSITORY, source)) > builtMs);
  return newer === undefined ? undefined : `${newer} is newer than dist/pilotage-agent`;
};

/**
 * The agent's binary, built first where it is missing or older than its sources. What the build says
 * goes to standard error.
 * @param say told before a build begins, and after it
 * @throws Error if the build fails or is ended by the signal
 */
export const needAgentBinary = async (
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> => {
  const why = staleness();
  if (why === undefined) return BINARY;
  const startedMs = performance.now();
  say(`building the agent, since ${why}; this takes up to a minute`);
  // In a group of its own, so that an interrupt reaches it through us, once.
  const child = spawn(process.execPath, [BUILD], { stdio: ['ignore', 2, 2], detached: true });
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const [exitCode] = await once(child, 'exit');
    signal?.throwIfAborted();
    if (exitCode !== 0) throw new Error('the agent could not be built; see the lines above');
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  say(`built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return BINARY;
};
