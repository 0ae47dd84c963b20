import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import type { SessionLaunch } from './launch-session.ts';
import { pilotFiles } from './pilot-files.ts';
import type { UnitSpec } from './unit.ts';

/**
 * A session whose first process is a shell that stays with the run, whatever becomes of the agent.
 * @param leader its script, which is given the file of the run's end as its first argument
 */
export const leaderOf = (
  files: Files,
  spec: UnitSpec,
  leader: { script: string; args: readonly string[]; environment: Record<string, string> },
): SessionLaunch => {
  const { stdout, stderr, exit } = pilotFiles(spec);
  const { script, args, environment } = leader;
  return {
    command: ['/bin/sh', '-c', script, 'pilotage-pilot', files.locate(exit), ...args],
    environment: { ...spec.environment, ...environment },
    workingFolder: files.locate(spec.workingFolder),
    stdout: files.locate(stdout),
    stderr: files.locate(stderr),
  };
};

/**
 * A command as the slot's user and nobody else's, without a way to gain rights (setpriv(1)). Root's own
 * stays root's; a user that is not there is never replaced by root.
 */
export const asOwner = ({ command, user, owner }: UnitSpec): readonly string[] => {
  if (user === 'root') return ['setpriv', '--no-new-privs', '--', ...command];
  if (owner === undefined)
    throw new PilotageError('file-failed', `there is no user ${user}`, { user });
  const ids = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  return ['setpriv', ...ids, '--no-new-privs', '--', ...command];
};
