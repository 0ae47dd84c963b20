import { PilotageError } from '../../../platform/errors.ts';
import { configurationFiles } from './configuration-files.ts';
import type { Executor } from './executor.ts';
import { putMarkedLines, takeMarkedLines } from './marked-lines.ts';
import type { StepPorts } from './ports.ts';

const NAME = 'time-servers';
const POLL_MS = 1000;

/** True once the clock is in step, or nobody can tell; false when the time is over. */
const waitForClock = async (
  { system, clock }: Pick<StepPorts, 'system' | 'clock'>,
  waitMs: number,
): Promise<boolean> => {
  const until = clock.monotonicMs() + waitMs;
  while ((await system.isClockInStep()) === false) {
    if (clock.monotonicMs() >= until) return false;
    await clock.sleep(POLL_MS);
  }
  return true;
};

/** Tells the service that sets the clock of more servers, and gives it a while. */
export const timeServers: Executor<'time-servers'> = {
  apply: async (step, ports, previous) => {
    const { system, log } = ports;
    const { service, marked, waitMs } = step;
    if (service === undefined)
      throw new PilotageError(
        'step-failed',
        'neither chrony nor systemd-timesyncd is on this machine; remedy: install one in the image, or leave out time.servers',
      );
    if (previous?.marked !== undefined && previous.marked.path !== marked?.path)
      await takeMarkedLines(previous.marked.path, NAME, ports);
    await configurationFiles.apply(step, ports, previous);
    if (marked !== undefined) await putMarkedLines(marked.path, NAME, marked.lines, ports);
    await system.restart(service);
    if (!(await waitForClock(ports, waitMs)))
      log.warn({ step: step.id, waitMs }, 'the clock follows no time server yet');
  },
  undo: async (step, ports) => {
    await configurationFiles.undo(step, ports);
    if (step.marked !== undefined) await takeMarkedLines(step.marked.path, NAME, ports);
    if (step.service !== undefined) await ports.system.restart(step.service);
  },
};
