import { messageOf } from '../../../platform/errors.ts';
import type { StepPorts } from './ports.ts';

const QUICK_MS = 60_000;
/** A cache of an earlier life may hold millions of files. */
const RELABEL_MS = 600_000;
const SEMANAGE = '/usr/sbin/semanage';

type Ports = Pick<StepPorts, 'files' | 'exec' | 'log'>;

/** A folder and all below it, as semanage(8) wants it: a regular expression. */
const patternOf = (path: string): string => `${path.replaceAll('.', String.raw`\.`)}(/.*)?`;

const relabel = async (path: string, type: string, { files, exec }: Ports): Promise<void> => {
  if ((await files.facts(SEMANAGE)) === undefined) {
    await exec.run('chcon', ['-R', '-t', type, path], { timeoutMs: RELABEL_MS });
    return;
  }
  const rule = ['-t', type, patternOf(path)];
  // 1: there is a rule for it already, which is then changed.
  const added = await exec.run(SEMANAGE, ['fcontext', '-a', ...rule], {
    timeoutMs: QUICK_MS,
    allowedExitCodes: [0, 1],
  });
  if (added.exitCode !== 0)
    await exec.run(SEMANAGE, ['fcontext', '-m', ...rule], { timeoutMs: QUICK_MS });
  await exec.run('restorecon', ['-R', path], { timeoutMs: RELABEL_MS });
};

/**
 * Gives a folder its SELinux type where SELinux is at work: for good by semanage, or until the next
 * relabelling where that program is not installed. A policy that does not know the type is told in the
 * log: it may well let the program do its work.
 */
export const setSelinuxType = async (path: string, type: string, ports: Ports): Promise<void> => {
  if ((await ports.files.facts('/sys/fs/selinux/enforce')) === undefined) return;
  try {
    await relabel(path, type, ports);
  } catch (error) {
    ports.log.warn({ path, type }, `SELinux does not take the type: ${messageOf(error)}`);
  }
};
