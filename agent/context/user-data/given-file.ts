import { isPilotageError } from '../../../platform/errors.ts';
import { mime } from '../formats/mime.ts';
import { readUserData } from '../formats/read-user-data.ts';
import { textOf, withoutByteOrderMark } from '../formats/text.ts';
import { type Problem, refusal } from '../problem.ts';
import type { ContextText } from '../source-file.ts';
import { hasMore, parseBase } from './cloud-config-form.ts';
import { type MimePart, typeOf } from './mime-form.ts';

/** What a file that was given brings into user-data. */
export interface Given {
  name: string;
  /** The contexts in it, in their order. */
  texts: readonly ContextText[];
  /** A cloud-config that does more than bring contexts: all of it. */
  cloudConfig?: string;
  /** A script or the like, carried as it is. */
  part?: MimePart;
  notices: readonly string[];
}

const wholeText = (name: string, bytes: Buffer): string =>
  textOf({ name, bytes, lineOffset: 0, isPart: false });

/** A context, or user-data with one in it. @throws context-invalid */
export const readGivenContext = (name: string, bytes: Buffer): Given => {
  const texts = readUserData(name, bytes);
  const start = withoutByteOrderMark(bytes).subarray(0, 4096).toString('latin1');
  const piece = { name, bytes, lineOffset: 0, isPart: false };
  if (start.startsWith('\x1f\x8b') || mime.recognises(start, piece))
    return { name, texts, notices: [`${name}: just its contexts are taken`] };
  if (typeOf(start) !== 'text/cloud-config') return { name, texts, notices: [] };
  const cloudConfig = wholeText(name, bytes);
  return hasMore(parseBase(cloudConfig))
    ? { name, texts, cloudConfig, notices: [] }
    : { name, texts, notices: [] };
};

const contextsIn = (name: string, bytes: Buffer): readonly ContextText[] => {
  try {
    return readUserData(name, bytes);
  } catch (error) {
    const problems = isPilotageError(error)
      ? (error.context.problems as Problem[] | undefined)
      : [];
    if (problems?.length === 1 && problems[0]?.code === 'no-context') return [];
    throw error;
  }
};

/** What cloud-init is to do beside: a cloud-config, a script, … @throws context-invalid */
export const readGivenPart = (name: string, bytes: Buffer): Given => {
  const text = wholeText(name, bytes);
  const type = typeOf(text);
  if (type === undefined)
    throw refusal({
      code: 'cloud-init-only',
      file: name,
      message: 'nothing that cloud-init knows by its first line',
      remedy: 'begin it with #! or #cloud-config; a context is given by --context',
    });
  if (type === 'text/cloud-config')
    return { name, texts: contextsIn(name, bytes), cloudConfig: text, notices: [] };
  const fileName = name.replace(/^.*\//, '').replace(/[^A-Za-z0-9._-]+/g, '-');
  return { name, texts: [], part: { type, text, fileName }, notices: [] };
};
