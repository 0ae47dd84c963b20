import { isPilotageError } from '../platform/errors.ts';
import type { Exec } from '../platform/exec.ts';
import type { Files } from '../platform/files.ts';
import { createKernelSettings } from '../platform/kernel-settings.ts';

/** The running system beside its files: its kernel's settings, its services, its clock. */
export interface System {
  /** False where a folder stands for the machine: no setting is missing there, since none can be. */
  readonly hasKernel: boolean;
  /** By its dotted name; `undefined` if this kernel has no such setting. */
  readSetting(key: string): Promise<string | undefined>;
  writeSetting(key: string, value: string): Promise<void>;
  /** False if this kernel has no such module. */
  loadModule(name: string): Promise<boolean>;
  /** Makes systemd read its units, and fstab, anew. */
  reloadUnits(): Promise<void>;
  restart(service: string): Promise<void>;
  /** Makes a service that is running read its configuration anew. */
  reload(service: string): Promise<void>;
  /** Whether the kernel's clock follows a server; `undefined` if nobody can tell. */
  isClockInStep(): Promise<boolean | undefined>;
}

const QUICK_MS = 30_000;
const RESTART_MS = 90_000;

export const createSystem = (
  files: Files,
  exec: Exec,
  { hasSystemd }: { hasSystemd: boolean },
): System => {
  const settings = createKernelSettings();
  return {
    hasKernel: true,
    readSetting: settings.read,
    writeSetting: settings.write,
    loadModule: async name => {
      if ((await files.facts(`/sys/module/${name}`)) !== undefined) return true;
      const { exitCode } = await exec.run('modprobe', ['--quiet', name], {
        timeoutMs: QUICK_MS,
        allowedExitCodes: [0, 1],
      });
      return exitCode === 0;
    },
    reloadUnits: async () => {
      if (hasSystemd) await exec.run('systemctl', ['daemon-reload'], { timeoutMs: RESTART_MS });
    },
    // Without systemd this is a container, whose clock and services are its host's business.
    restart: async service => {
      if (hasSystemd) await exec.run('systemctl', ['restart', service], { timeoutMs: RESTART_MS });
    },
    reload: async service => {
      if (hasSystemd) await exec.run('systemctl', ['reload', service], { timeoutMs: RESTART_MS });
    },
    isClockInStep: async () => {
      if (!hasSystemd) return undefined;
      try {
        const args = ['show', '--property=NTPSynchronized', '--value'];
        const { stdout } = await exec.run('timedatectl', args, { timeoutMs: QUICK_MS });
        return stdout.trim() === 'yes';
      } catch (error) {
        // An image may go without timedated: then nobody can tell, which is no failure.
        if (isPilotageError(error)) return undefined;
        throw error;
      }
    },
  };
};

/** A folder has files alone: no kernel that would take a setting, no service that could be restarted. */
export const createFolderSystem = (): System => ({
  hasKernel: false,
  readSetting: async () => undefined,
  writeSetting: async () => undefined,
  loadModule: async () => false,
  reloadUnits: async () => undefined,
  restart: async () => undefined,
  reload: async () => undefined,
  isClockInStep: async () => undefined,
});
