import { configurationFiles } from './configuration-files.ts';
import type { Executor } from './executor.ts';
import { putMarkedLines, putSetting, takeMarkedLines, takeSetting } from './marked-lines.ts';

const NAME = 'proxy';

/** Tells programs of the web proxy: by files of ours, and by lines in files that are not. */
export const proxies: Executor<'proxies'> = {
  apply: async (step, ports, previous) => {
    // A marker that an earlier version has left knows of files alone.
    const { marked = [], settings = [] } = previous ?? {};
    for (const { path } of marked)
      if (!step.marked.some(kept => kept.path === path)) await takeMarkedLines(path, NAME, ports);
    for (const { path } of settings)
      if (!step.settings.some(kept => kept.path === path)) await takeSetting(path, NAME, ports);
    await configurationFiles.apply(step, ports, previous);
    for (const { path, lines } of step.marked) await putMarkedLines(path, NAME, lines, ports);
    for (const { path, ...setting } of step.settings) await putSetting(path, NAME, setting, ports);
  },
  undo: async (step, ports) => {
    const { marked = [], settings = [] } = step;
    for (const { path } of settings.toReversed()) await takeSetting(path, NAME, ports);
    for (const { path } of marked.toReversed()) await takeMarkedLines(path, NAME, ports);
    await configurationFiles.undo(step, ports);
  },
};
