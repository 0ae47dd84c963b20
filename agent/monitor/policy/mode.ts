import type { Mode } from './policy.ts';

/** The mode in a section of the context; of a policy that is switched off it does not matter. */
export const modeIn = (settings: { mode: Mode } | false): Mode =>
  settings === false ? 'enforce' : settings.mode;
