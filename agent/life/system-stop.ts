import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Log } from '../../platform/log.ts';
import type { Power } from '../../platform/power.ts';
import { parseTimeSpan } from '../../platform/time-span.ts';
import type { MachineKind } from '../ports.ts';

const UNIT = 'pilotage-agent.service';
/** A system that stops all that it has is slow to answer. */
const ASK_MS = 20_000;
/** What is left of the unit's time for this program to go. */
const LEAVE_MS = 5000;
/** systemd's own, where the unit's cannot be asked. */
const USUAL_MS = 90_000;

/** What a SIGTERM means: a restart of the agent, whose pilots stay, or the end of the system. */
export interface SystemStop {
  /** Aborts when this program is to go and leave all else as it is. */
  readonly leave: AbortSignal;
  /** Aborts when the whole system stops: power button, ACPI, the cloud, `systemctl reboot`. */
  readonly stopping: AbortSignal;
  /** ms that are left of what the unit has to stop in, or of what the context allows. */
  leftMs(mostMs: number): number;
}

/**
 * Asks systemd, once the signal comes, whether the system stops. Where nobody can tell it is a restart:
 * pilots that should have been told are then ended by systemd itself, each with the time of its unit.
 * systemd stops the agent first and the pilots after it, so all that time is ours; a delay inhibitor would
 * give five seconds (InhibitDelayMaxSec).
 */
export const createSystemStop = (
  { exec, clock, log, kind }: { exec: Exec; clock: Clock; log: Log; kind: MachineKind },
  told: AbortSignal,
): SystemStop => {
  const leave = new AbortController();
  const stopping = new AbortController();
  let toldAtMs = 0;
  let unitMs = USUAL_MS;

  const systemctl = async (...args: string[]): Promise<string> =>
    (await exec.run('systemctl', args, { timeoutMs: ASK_MS, allowedExitCodes: [0, 1] })).stdout;

  const isStopping = async (): Promise<boolean> => {
    if (kind !== 'systemd') return false;
    // systemctl(1): the word is `stopping` from the moment on in which shutdown.target has a job.
    return (await systemctl('is-system-running')).trim() === 'stopping';
  };

  const learnTime = async (): Promise<void> => {
    try {
      const span = await systemctl('show', '--property=TimeoutStopUSec', '--value', UNIT);
      unitMs = parseTimeSpan(span.trim()) ?? USUAL_MS;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'systemd does not say how long the agent may stop');
    }
  };

  const judge = async (): Promise<void> => {
    try {
      if (await isStopping()) {
        log.warn({}, 'the system is stopping');
        stopping.abort();
        return await learnTime();
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'systemd does not say whether the system is stopping');
    }
    leave.abort();
  };

  const hear = (): void => {
    toldAtMs = clock.monotonicMs();
    void judge();
  };
  if (told.aborted) hear();
  else told.addEventListener('abort', hear, { once: true });

  return {
    leave: leave.signal,
    stopping: stopping.signal,
    leftMs: mostMs =>
      Math.max(0, Math.min(mostMs, unitMs - LEAVE_MS) - (clock.monotonicMs() - toldAtMs)),
  };
};

/** A system that stops already needs no word of ours: asked twice, a reboot could become a forced power-off. */
export const createPowerBesideStop = (power: Power, stopping: AbortSignal, log: Log): Power => ({
  off: async how => {
    if (stopping.aborted) log.info({ reason: how.reason }, 'the system is stopping already');
    else await power.off(how);
  },
});
