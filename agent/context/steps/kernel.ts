import { PilotageError } from '../../../platform/errors.ts';
import type { PlannedSetting } from '../step.ts';
import { configurationFiles } from './configuration-files.ts';
import type { Executor } from './executor.ts';
import { keepFormer, restoreFormer } from './former-values.ts';
import type { StepPorts } from './ports.ts';

const RECORD = 'kernel';

/** The settings that this kernel has, with what they are now. Fails if one that was named is not there. */
const readCurrent = async (
  settings: readonly PlannedSetting[],
  { system }: Pick<StepPorts, 'system'>,
): Promise<(PlannedSetting & { current: string })[]> => {
  const found: (PlannedSetting & { current: string })[] = [];
  for (const setting of settings) {
    const current = await system.readSetting(setting.key);
    if (current !== undefined) found.push({ ...setting, current });
    else if (system.hasKernel && !setting.isOptional)
      throw new PilotageError(
        'step-failed',
        `this kernel has no setting ${setting.key}; remedy: take it out of kernel.sysctl, or load its module in a hook`,
        { key: setting.key },
      );
  }
  return found;
};

/** Kernel settings at once and at every boot; what they were before is kept and put back. */
export const kernel: Executor<'kernel'> = {
  apply: async (step, ports, previous) => {
    const { system, log } = ports;
    for (const name of step.modules)
      if (system.hasKernel && !(await system.loadModule(name)))
        log.warn({ module: name }, 'no such kernel module');
    const wanted = new Set(step.settings.map(({ key }) => key));
    const dropped = (previous?.settings ?? []).filter(({ key }) => !wanted.has(key));
    const found = await readCurrent(step.settings, ports);
    await restoreFormer(
      RECORD,
      ports,
      system.writeSetting,
      dropped.map(({ key }) => key),
    );
    await keepFormer(
      RECORD,
      Object.fromEntries(found.map(({ key, current }) => [key, current])),
      ports,
    );
    await configurationFiles.apply(step, ports, previous);
    for (const { key, value, current } of found)
      if (current !== value) await system.writeSetting(key, value);
  },
  undo: async (step, ports) => {
    await configurationFiles.undo(step, ports);
    await restoreFormer(RECORD, ports, ports.system.writeSetting);
  },
  holds: async ({ settings }, { system }) => {
    for (const { key, value } of settings) {
      const current = await system.readSetting(key);
      if (current !== undefined && current !== value) return false;
    }
    return true;
  },
};
