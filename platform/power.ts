import { messageOf } from './errors.ts';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';
import type { Log } from './log.ts';

/** Ends this machine. Resolves once the machine has been told; a real one then stops under us. */
export interface Power {
  off(reason: string): Promise<void>;
}

/** systemd's orderly power-off, then the forced one, then the one that asks nobody. */
const LADDER: readonly (readonly string[])[] = [
  ['poweroff', '--no-wall'],
  ['poweroff', '--no-wall', '--force'],
  ['poweroff', '--no-wall', '--force', '--force'],
];

export const createPower = (exec: Exec, log: Log): Power => ({
  off: async reason => {
    for (const args of LADDER) {
      try {
        log.info({ args, reason }, 'powering off');
        await exec.run('systemctl', args, { timeoutMs: 60_000 });
        return;
      } catch (error) {
        log.warn({ args, error: messageOf(error) }, 'power-off was refused, trying harder');
      }
    }
    log.error({ reason }, 'this machine refuses to power off');
  },
});

/** Where the machine is a folder, power-off is a file in it. */
export const POWERED_OFF_FILE = '/run/pilotage/powered-off';
export const createFolderPower = (files: Files): Power => ({
  off: reason => files.write(POWERED_OFF_FILE, `${reason}\n`, { mode: 0o644 }),
});

/** Without systemd, as in a container, the end of the agent is the end of the machine. */
export const createExitPower = (log: Log): Power => ({
  off: async reason =>
    log.info({ reason }, 'no systemd here: the agent ends, and the machine with it'),
});
