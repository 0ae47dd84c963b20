import type { Files } from '../../platform/files.ts';
import { PATHS } from '../paths.ts';

/** Programs that run before and after everything else that is done to the VM. */
export interface HookPaths {
  pre: readonly string[];
  post: readonly string[];
}

export const NO_HOOKS: HookPaths = { pre: [], post: [] };

/** As run-parts(8) has it: no dots, so that what editors and packagers leave behind is not run. */
const isHookName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(name);

const listHooks = async (files: Files, folder: string): Promise<string[]> => {
  const paths = (await files.list(folder)).filter(isHookName).map(name => `${folder}/${name}`);
  const all = await Promise.all(
    paths.map(async path => ({ path, facts: await files.facts(path) })),
  );
  return all
    .filter(({ facts }) => facts?.kind === 'file' && (facts.mode & 0o100) !== 0)
    .map(({ path }) => path);
};

/** Executable files in `pre.d` and `post.d`, by name. */
export const readHookPaths = async (files: Files): Promise<HookPaths> => ({
  pre: await listHooks(files, PATHS.preHooks),
  post: await listHooks(files, PATHS.postHooks),
});
