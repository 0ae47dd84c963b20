import { dirname } from 'node:path';
import { type IniSetting, withoutSetting, withSetting } from '../ini-setting.ts';
import { markedLinesIn, withMarkedLines, withoutMarkedLines } from '../marked-lines.ts';
import type { StepPorts } from './ports.ts';

const MAX_BYTES = 1024 * 1024;
const MODE = 0o644;
type FilePorts = Pick<StepPorts, 'files'>;

const change = async (
  path: string,
  { files }: FilePorts,
  toNew: (text: string) => string,
): Promise<void> => {
  const before = await files.read(path, MAX_BYTES);
  const after = toNew(before ?? '');
  if (after === (before ?? '')) return;
  const facts = await files.facts(path);
  if ((await files.facts(dirname(path))) === undefined)
    await files.makeDirectory(dirname(path), { mode: 0o755 });
  const owner = facts === undefined ? {} : { owner: { uid: facts.uid, gid: facts.gid } };
  await files.write(path, after, { mode: facts?.mode ?? MODE, ...owner });
};

/** What an earlier run put there: what was really done, whatever became of the runs after it. */
export const readMarkedLines = async (
  path: string,
  name: string,
  { files }: FilePorts,
): Promise<string[]> => markedLinesIn((await files.read(path, MAX_BYTES)) ?? '', name);

/** Puts lines of ours into a file of the system, or replaces them; the rest of it stays as it is. */
export const putMarkedLines = (
  path: string,
  name: string,
  lines: readonly string[],
  ports: FilePorts,
): Promise<void> => change(path, ports, text => withMarkedLines(text, name, lines));

/** Takes them out again; a file that held nothing else is left empty. */
export const takeMarkedLines = (path: string, name: string, ports: FilePorts): Promise<void> =>
  change(path, ports, text => withoutMarkedLines(text, name));

/** Puts a setting of ours into an ini file of the system; what it outranks stays as a comment. */
export const putSetting = (
  path: string,
  name: string,
  setting: IniSetting,
  ports: FilePorts,
): Promise<void> => change(path, ports, text => withSetting(text, name, setting));

/** Takes it out again, and puts in force what it outranked. */
export const takeSetting = (path: string, name: string, ports: FilePorts): Promise<void> =>
  change(path, ports, text => withoutSetting(text, name));
