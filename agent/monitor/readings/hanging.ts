import { errnoOf, isPilotageError } from '../../../platform/errors.ts';

/** Who leads the group of a program that did not end in time, though it was killed. */
export const hangingPid = (error: unknown): number | undefined =>
  isPilotageError(error) &&
  error.code === 'command-timeout' &&
  typeof error.context.pid === 'number'
    ? error.context.pid
    : undefined;

/** Whether any process of the group is left: what hangs in the kernel outlives KILL. */
export type IsLeft = (pid: number) => boolean;

export const isGroupLeft: IsLeft = pid => {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
};
