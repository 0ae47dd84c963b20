import { PilotageError } from '../../../platform/errors.ts';
import type { Executor } from './executor.ts';

/** Runs a program of the image's or the site's; one that others may change is not run as root. */
export const hook: Executor<'hook'> = {
  apply: async ({ path, limitMs }, { files, exec }) => {
    const facts = await files.facts(path);
    if (facts === undefined || (facts.mode & 0o022) !== 0)
      throw new PilotageError(
        'step-failed',
        `${path} may be changed by others than its owner; remedy: chmod go-w ${path}`,
        { path },
      );
    await exec.run(files.locate(path), [], { timeoutMs: limitMs });
  },
};
