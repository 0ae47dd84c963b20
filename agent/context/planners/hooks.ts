import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

/** One step a hook, in the order of their names; they run in every boot. */
export const planHooks = (
  { hooks }: Context,
  when: 'pre' | 'post',
  paths: readonly string[],
): Step[] =>
  paths.map(path => ({
    kind: 'hook' as const,
    id: `hook-${when}-${path.slice(path.lastIndexOf('/') + 1)}`,
    what: `run ${path}`,
    lasts: 'boot' as const,
    path,
    limitMs: hooks.limit,
  }));
