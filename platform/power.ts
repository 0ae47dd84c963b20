import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';
import type { InitSignal, KernelKey, LastResort } from './last-resort.ts';
import type { Log } from './log.ts';

export interface PowerOff {
  reason: string;
  /** How long each way may take before the next one is gone, ms. */
  stepMs: number;
  /** Aborts once this process is told to end: then the first way works. */
  stopping: AbortSignal;
}

/**
 * Ends this machine. Resolves once this process is told to end, or once all that there is has been tried; a real
 * machine stops under us before.
 */
export interface Power {
  off(how: PowerOff): Promise<void>;
}

export interface PowerPorts {
  exec: Exec;
  clock: Clock;
  log: Log;
  lastResort: LastResort;
  /** Whether the kernel is this machine's own, as it is not in a container: else it is left alone. */
  ownsKernel: boolean;
}

/** A way to end the machine. Where systemctl cannot be started, or is refused, PID 1 is asked without it. */
interface Rung {
  told: string;
  args: readonly string[];
  otherwise?: InitSignal;
}

/** In order; without stopping what runs; without even asking PID 1. */
const RUNGS: readonly Rung[] = [
  { told: 'in order', args: ['poweroff', '--no-wall'], otherwise: 'stop' },
  { told: 'by force', args: ['poweroff', '--no-wall', '--force'], otherwise: 'force' },
  { told: 'past PID 1', args: ['poweroff', '--no-wall', '--force', '--force'] },
];
const COMMAND_MS = 60_000;
/** The last ones either work at once or not at all. */
const QUICK_MS = 15_000;
const KEYS: readonly (readonly [KernelKey, number])[] = [
  ['s', 3000],
  ['u', 1000],
  ['o', QUICK_MS],
];

/** systemd's orderly power-off, the forced one, the one that asks nobody, and the kernel's own. */
export const createPower = (ports: PowerPorts): Power => {
  const { exec, clock, log, lastResort } = ports;

  const tryOut = async (what: string, work: () => unknown): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      log.warn({ error: messageOf(error) }, `${what} was refused, trying harder`);
      return false;
    }
  };

  const climb = async ({ told, args, otherwise }: Rung, limitMs: number): Promise<boolean> => {
    const timeoutMs = Math.min(COMMAND_MS, limitMs);
    const asked = await tryOut(`power-off ${told}`, () =>
      exec.run('systemctl', args, { timeoutMs }),
    );
    if (asked || otherwise === undefined) return asked;
    return tryOut(`a signal for power-off ${told}`, () => lastResort.signalInit(otherwise));
  };

  const pressKeys = async (stopping: AbortSignal): Promise<void> => {
    if (!ports.ownsKernel) return;
    for (const [key, waitMs] of KEYS) {
      await tryOut(`sysrq ${key}`, () => lastResort.press(key));
      await clock.sleep(waitMs, stopping);
    }
  };

  return {
    off: async ({ reason, stepMs, stopping }) => {
      for (const rung of RUNGS) {
        log.info({ how: rung.told, reason }, 'powering off');
        const limitMs = rung.otherwise === undefined ? QUICK_MS : stepMs;
        if (await climb(rung, limitMs)) await clock.sleep(limitMs, stopping);
        if (stopping.aborted) return;
      }
      log.error({ reason }, 'this machine does not power off: asking its kernel');
      await pressKeys(stopping);
      if (!stopping.aborted) log.error({ reason }, 'this machine refuses to power off');
    },
  };
};

/** Where the machine is a folder, power-off is a file in it. */
export const POWERED_OFF_FILE = '/run/pilotage/powered-off';
export const createFolderPower = (files: Files): Power => ({
  off: ({ reason }) => files.write(POWERED_OFF_FILE, `${reason}\n`, { mode: 0o644 }),
});

/** Without systemd, as in a container, the end of the agent is the end of the machine. */
export const createExitPower = (log: Log): Power => ({
  off: async ({ reason }) =>
    log.info({ reason }, 'no systemd here: the agent ends, and the machine with it'),
});
