import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Log } from '../../platform/log.ts';

/** Tells systemd (sd_notify(3)) that the agent is ready and that its ticks go on. */
export interface Watchdog {
  ready(status: string): Promise<void>;
  /** After each tick; passed on no oftener than systemd needs it. */
  progress(): Promise<void>;
}

/** Node opens no datagram socket of the Unix domain, so systemd's own program speaks for us. */
export const createWatchdog = (
  { exec, clock, log }: { exec: Exec; clock: Clock; log: Log },
  env: Readonly<Record<string, string | undefined>>,
): Watchdog => {
  const socket = env.NOTIFY_SOCKET;
  const everyMs = Number(env.WATCHDOG_USEC ?? 0) / 1000 / 2;
  let lastMs = Number.NEGATIVE_INFINITY;
  const notify = async (...args: string[]): Promise<void> => {
    if (socket === undefined) return;
    try {
      await exec.run('systemd-notify', args, {
        timeoutMs: 10_000,
        env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: socket },
      });
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'systemd could not be notified');
    }
  };
  return {
    ready: status => notify('--ready', `--status=${status}`),
    progress: async () => {
      if (!(everyMs > 0) || clock.monotonicMs() - lastMs < everyMs) return;
      lastMs = clock.monotonicMs();
      await notify('WATCHDOG=1');
    },
  };
};
