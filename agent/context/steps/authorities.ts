import { dirname } from 'node:path';
import { PilotageError } from '../../../platform/errors.ts';
import type { Executor } from './executor.ts';
import { keepFormer, restoreFormer } from './former-values.ts';
import type { StepPorts } from './ports.ts';

const NAME = 'authorities';
/** What was there, where it was no link: nothing, or a folder without anything in it. */
const NONE = '';
const EMPTY = '(empty folder)';

/** What the place holds now. Whom a machine trusts is never mixed or hidden without a word. */
const formerOf = async (path: string, { files }: StepPorts): Promise<string> => {
  const target = await files.readLink(path);
  if (target !== undefined) return target;
  const facts = await files.facts(path);
  if (facts === undefined) return NONE;
  if (facts.kind === 'directory' && (await files.list(path)).length === 0) return EMPTY;
  throw new PilotageError(
    'step-failed',
    `${path} holds something already, which a link to CVMFS would hide; remedy: remove it from the image, or leave out authorities (authorities.voms: false leaves vomsdir and vomses as they are)`,
    { path },
  );
};

const restore = async (path: string, former: string, { files }: StepPorts): Promise<void> => {
  if (former !== NONE && former !== EMPTY) return files.makeLink(path, former);
  await files.remove(path);
  if (former === EMPTY) await files.makeDirectory(path, { mode: 0o755 });
};

/** Links by which programs of the grid find the authorities that CVMFS has. */
export const authorities: Executor<'authorities'> = {
  apply: async ({ links }, ports, previous) => {
    const { files } = ports;
    const dropped = (previous?.links ?? [])
      .map(({ path }) => path)
      .filter(path => links.every(link => link.path !== path));
    await restoreFormer(NAME, ports, (path, former) => restore(path, former, ports), dropped);
    for (const { path, target } of links) {
      const former = await formerOf(path, ports);
      if (former === target) continue;
      await keepFormer(NAME, { [path]: former }, ports);
      if ((await files.facts(dirname(path))) === undefined)
        await files.makeDirectory(dirname(path), { mode: 0o755 });
      if (former === EMPTY) await files.remove(path);
      await files.makeLink(path, target);
    }
  },
  undo: (_step, ports) =>
    restoreFormer(NAME, ports, (path, former) => restore(path, former, ports)),
  holds: async ({ links }, { files }) => {
    for (const { path, target } of links) if ((await files.readLink(path)) !== target) return false;
    return true;
  },
};
