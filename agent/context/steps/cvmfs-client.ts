import { messageOf, PilotageError } from '../../../platform/errors.ts';
import { SYSTEM_ENV } from '../../../platform/exec.ts';
import { PATHS } from '../../paths.ts';
import type { PlannedInstallation } from '../step.ts';
import { writeConfigurationFiles } from './configuration-files.ts';
import { hasClient } from './cvmfs-programs.ts';
import type { Executor } from './executor.ts';
import type { StepPorts } from './ports.ts';

type Command = readonly [program: string, ...args: string[]];

const PACKAGE = `${PATHS.run}/cvmfs-release.deb`;

/**
 * apt fetches the release package by its own helper, so with its own proxy and authorities. It waits
 * for another apt, as cloud-init's may be at work, and asks nobody about changed files.
 */
const aptCommands = ({ names, release }: PlannedInstallation): Command[] => {
  const options = [
    ...['--quiet', '--assume-yes', '--no-install-recommends'],
    ...['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'],
    ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
  ];
  const apt = (...args: string[]): Command => ['apt-get', ...options, ...args];
  const ofRelease: Command[] =
    release === undefined
      ? []
      : [
          [
            '/usr/lib/apt/apt-helper',
            '-o',
            'Acquire::Retries=3',
            'download-file',
            release,
            PACKAGE,
          ],
          // For what the release package itself depends on.
          apt('update'),
          apt('install', PACKAGE),
        ];
  return [...ofRelease, apt('update'), apt('install', ...names)];
};

/** dnf and yum take the same words, and fetch the release package themselves. */
const dnfCommands = (
  manager: 'dnf' | 'yum',
  { names, release }: PlannedInstallation,
): Command[] => {
  const install = (what: readonly string[]): Command => [
    ...([manager, '--assumeyes', '--setopt=retries=3', 'install'] as const),
    ...what,
  ];
  return [...(release === undefined ? [] : [install([release])]), install(names)];
};

const commandsOf = (installation: PlannedInstallation): Command[] => {
  const { manager } = installation;
  if (manager === 'apt-get') return aptCommands(installation);
  if (manager !== undefined) return dnfCommands(manager, installation);
  throw new PilotageError('step-failed', 'this machine has neither dnf, yum nor apt-get');
};

/** Each program gets what is left of the time for all of them. */
const install = async (
  installation: PlannedInstallation,
  ports: Pick<StepPorts, 'files' | 'exec' | 'clock'>,
): Promise<void> => {
  const { exec, clock, files } = ports;
  const until = clock.monotonicMs() + installation.limitMs;
  const env = { ...SYSTEM_ENV, DEBIAN_FRONTEND: 'noninteractive', ...installation.environment };
  const commands = commandsOf(installation);
  await writeConfigurationFiles(installation.files, ports);
  try {
    for (const [program, ...args] of commands) {
      const timeoutMs = until - clock.monotonicMs();
      if (timeoutMs <= 0)
        throw new PilotageError('command-timeout', `not done within ${installation.limitMs} ms`);
      await exec.run(program, args, { timeoutMs, env });
    }
  } finally {
    await files.remove(PACKAGE);
  }
};

const REMEDY =
  'remedy: install it into the image, or say install: true and where its packages come from in cvmfs.packages';

/**
 * The client is there, or is installed where that is allowed; else no payload may run here. What was
 * installed stays: other packages may have come to need it.
 */
export const cvmfsClient: Executor<'cvmfs-client'> = {
  apply: async ({ installation }, ports) => {
    if (!ports.system.hasKernel || (await hasClient(ports))) return;
    if (installation === undefined)
      throw new PilotageError('step-failed', `this machine has no CVMFS client; ${REMEDY}`);
    try {
      await install(installation, ports);
    } catch (error) {
      throw new PilotageError(
        'step-failed',
        `the CVMFS client cannot be installed: ${messageOf(error)}; ${REMEDY}`,
        {},
        error,
      );
    }
    if (!(await hasClient(ports)))
      throw new PilotageError(
        'step-failed',
        `${installation.names.join(', ')} brought no CVMFS client; remedy: name the package that does in cvmfs.packages.names`,
      );
  },
  holds: async (_, ports) => !ports.system.hasKernel || hasClient(ports),
};
