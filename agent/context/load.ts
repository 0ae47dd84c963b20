import { basename } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { PATHS } from '../paths.ts';
import { readUserData, USER_DATA_LIMITS } from './formats/read-user-data.ts';
import { textOf } from './formats/text.ts';
import { refusal } from './problem.ts';
import { CONTEXT_LIMITS, type ContextText, isContextFile } from './source-file.ts';

/** The file that holds the receiver's address and trust; it is also parsed by itself. */
export const LIFELINE_FILE = '00-receiver.yaml';

/** A context file holds secrets, and cloud-init's default mode lets everybody read it. */
const closeToOthers = async (files: Files, path: string): Promise<void> => {
  const facts = await files.facts(path);
  if (facts !== undefined && (facts.mode & 0o077) !== 0)
    await files.setAccess(path, { mode: 0o600 });
};

/** The context files of a machine in the order in which they are merged: the image's, then the VM's. */
export const loadContextTexts = async (files: Files, mayWrite = true): Promise<ContextText[]> => {
  const paths: string[] = [];
  for (const folder of [PATHS.imageContext, PATHS.context]) {
    const names = (await files.list(folder)).filter(isContextFile);
    paths.push(...names.map(name => `${folder}/${name}`));
  }
  if (paths.length > CONTEXT_LIMITS.files)
    throw refusal({
      code: 'too-many',
      file: PATHS.context,
      line: 0,
      message: 'too many files',
      remedy: `at most ${CONTEXT_LIMITS.files}`,
    });
  const texts: ContextText[] = [];
  for (const path of paths) {
    if (mayWrite && path.startsWith(PATHS.context)) await closeToOthers(files, path);
    const bytes = (await files.readBytes(path, CONTEXT_LIMITS.fileBytes)) ?? Buffer.alloc(0);
    texts.push({ name: path, text: textOf({ name: path, bytes, lineOffset: 0, isPart: false }) });
  }
  if (texts.length === 0)
    throw new PilotageError(
      'context-missing',
      `no context: ${files.locate(PATHS.context)} holds no .yaml or .json file; remedy: let user-data write one there`,
    );
  return texts;
};

/**
 * One file given by name: a context, or user-data that holds one, however it is packed.
 * @param name for messages
 */
export const loadGivenContext = async (
  files: Files,
  path: string,
  name = path,
): Promise<ContextText[]> => {
  const bytes = await files.readBytes(path, USER_DATA_LIMITS.bytes);
  if (bytes === undefined) throw new PilotageError('context-missing', `there is no file ${name}`);
  return readUserData(name, bytes);
};

/** The lifeline's text: the VM's, or else the image's. */
export const loadLifelineText = async (files: Files): Promise<ContextText | undefined> => {
  for (const folder of [PATHS.context, PATHS.imageContext]) {
    const path = `${folder}/${LIFELINE_FILE}`;
    const text = await files.read(path, CONTEXT_LIMITS.fileBytes);
    if (text !== undefined) return { name: basename(path), text };
  }
  return undefined;
};
