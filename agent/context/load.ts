import { basename } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { PATHS } from '../paths.ts';
import { isCloudConfig, unwrapCloudConfig } from './cloud-config.ts';
import { contextInvalid } from './problem.ts';
import { CONTEXT_LIMITS, type ContextText } from './source-file.ts';

/** The file that holds the receiver's address and trust; it is also parsed by itself. */
export const LIFELINE_FILE = '00-receiver.yaml';

const isContextFile = (name: string): boolean => /^[^.].*\.(?:yaml|yml|json)$/.test(name);

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
    throw contextInvalid([
      {
        file: PATHS.context,
        line: 0,
        key: '',
        message: 'too many files',
        remedy: `at most ${CONTEXT_LIMITS.files}`,
      },
    ]);
  const texts: ContextText[] = [];
  for (const path of paths) {
    if (mayWrite && path.startsWith(PATHS.context)) await closeToOthers(files, path);
    texts.push({ name: path, text: (await files.read(path, CONTEXT_LIMITS.fileBytes)) ?? '' });
  }
  if (texts.length === 0)
    throw new PilotageError(
      'context-missing',
      `no context: ${files.locate(PATHS.context)} holds no .yaml or .json file; remedy: let user-data write one there`,
    );
  return texts;
};

/** One file given by name: a context, or a cloud-config that would write one. */
export const loadGivenContext = async (files: Files, path: string): Promise<ContextText[]> => {
  const text = await files.read(path, CONTEXT_LIMITS.fileBytes);
  if (text === undefined) throw new PilotageError('context-missing', `there is no file ${path}`);
  const given = { name: path, text };
  if (!isCloudConfig(text)) return [given];
  const unwrapped = unwrapCloudConfig(given);
  if (unwrapped.length === 0)
    throw new PilotageError(
      'context-missing',
      `${path} is a cloud-config whose write_files puts nothing into ${PATHS.context}`,
    );
  return unwrapped;
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
