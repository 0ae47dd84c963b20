import type { System } from '../../agent/system.ts';
import { PilotageError } from '../../platform/errors.ts';

/** A system of these kernel settings, which writes down what it was told to do. */
export const createMemorySystem = (
  settings: Record<string, string>,
  { clockInStep = [] as (boolean | undefined)[] } = {},
): System & { settings: Record<string, string>; done: string[] } => {
  const done: string[] = [];
  return {
    settings,
    done,
    hasKernel: true,
    readSetting: async key => settings[key],
    writeSetting: async (key, value) => {
      if (!(key in settings))
        throw new PilotageError('file-failed', `the kernel did not take ${value} for ${key}`);
      settings[key] = value;
      done.push(`${key}=${value}`);
    },
    loadModule: async name => done.push(`load ${name}`) > 0,
    reloadUnits: async () => void done.push('reload'),
    restart: async service => void done.push(`restart ${service}`),
    reload: async service => void done.push(`reload ${service}`),
    isClockInStep: async () => clockInStep.shift(),
  };
};
