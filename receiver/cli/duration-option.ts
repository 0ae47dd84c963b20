import { parseDuration } from '../../platform/duration.ts';
import { PilotageError } from '../../platform/errors.ts';

/** For yargs' `coerce`: `90s`, `20m`, `1h30m` → ms; refuses the rest by the option's name. */
export const durationOption =
  (option: string) =>
  (text: string): number => {
    const ms = parseDuration(text);
    if (ms === undefined)
      throw new PilotageError(
        'usage',
        `--${option} ${text}: give a duration such as 90s, 20m or 2h`,
      );
    return ms;
  };
