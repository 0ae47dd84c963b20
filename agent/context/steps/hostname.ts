import { configurationFiles } from './configuration-files.ts';
import type { Executor } from './executor.ts';
import { keepFormer, restoreFormer } from './former-values.ts';
import { putMarkedLines, takeMarkedLines } from './marked-lines.ts';

const HOSTS = '/etc/hosts';
const NAME = 'hostname';
/** What hostname(1) and systemd's hostnamed set as well. */
const SETTING = 'kernel.hostname';

/** The name of the host: the running kernel's, the one for the next boot, and its address. */
export const hostname: Executor<'hostname'> = {
  apply: async (step, ports, previous) => {
    const { system } = ports;
    const current = await system.readSetting(SETTING);
    if (current !== undefined) await keepFormer(NAME, { [SETTING]: current }, ports);
    await configurationFiles.apply(step, ports, previous);
    await putMarkedLines(HOSTS, NAME, step.hosts, ports);
    if (current !== step.hostname) await system.writeSetting(SETTING, step.hostname);
  },
  undo: async (step, ports) => {
    await takeMarkedLines(HOSTS, NAME, ports);
    await configurationFiles.undo(step, ports);
    await restoreFormer(NAME, ports, ports.system.writeSetting);
  },
  holds: async (step, { system }) =>
    ((await system.readSetting(SETTING)) ?? step.hostname) === step.hostname,
};
