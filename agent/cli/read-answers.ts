import { dirname, resolve } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { USER_DATA_LIMITS } from '../context/formats/read-user-data.ts';
import { textOf } from '../context/formats/text.ts';
import type { Json } from '../context/merge.ts';
import { refusal } from '../context/problem.ts';
import { CONTEXT_LIMITS } from '../context/source-file.ts';
import { interpret, isInFile } from '../context/user-data/answers.ts';
import {
  type Answer,
  type AnswersFile,
  parseAnswersFile,
} from '../context/user-data/answers-file.ts';
import { type Given, readGivenContext, readGivenPart } from '../context/user-data/given-file.ts';
import { joinAnswers } from '../context/user-data/join-answers.ts';
import { mergeTexts, parseTexts } from '../context/user-data/merge-texts.ts';
import { QUESTION_NAMES, type QuestionName } from '../context/user-data/words.ts';
import { list, type OptionValues, text } from './command.ts';

/** A file of answers, and the folder in which the files that it names are looked for. */
export interface AnswersSource extends AnswersFile {
  folder: string;
}

const readNamed = async (folder: string, name: string, maxBytes: number): Promise<Buffer> => {
  const bytes = await createFiles('/').readBytes(resolve(folder, name), maxBytes);
  if (bytes !== undefined) return bytes;
  throw new PilotageError('context-missing', `there is no file ${name}`);
};

const readText = async (folder: string, name: string): Promise<string> => {
  const bytes = await readNamed(folder, name, CONTEXT_LIMITS.fileBytes);
  return textOf({ name, bytes, lineOffset: 0, isPart: false });
};

/** The file that `--answers` names; an empty one where there is no such option. */
export const readAnswersFile = async (values: OptionValues): Promise<AnswersSource> => {
  const name = text(values, 'answers');
  if (name === undefined) return { ...parseAnswersFile('', '{}'), folder: '.' };
  return { ...parseAnswersFile(name, await readText('.', name)), folder: dirname(name) };
};

/** A secret of one line is written without what an editor put behind it. */
const valueIn = async (folder: string, name: string): Promise<string> => {
  const content = await readText(folder, name);
  return content.trim().includes('\n') ? content : content.trim();
};

/** An option goes before the same answer in the file. */
const pieceOf = async (
  name: QuestionName,
  values: OptionValues,
  { answers, placeOf, folder }: AnswersSource,
): Promise<Json[]> => {
  const option = text(values, name);
  const answer: Answer | undefined = option ?? answers.get(name);
  if (answer === undefined) return [];
  const value =
    isInFile(name) && typeof answer === 'string'
      ? await valueIn(option === undefined ? folder : '.', answer)
      : answer;
  const meant = interpret(name, value);
  if ('piece' in meant) return [meant.piece];
  if (option !== undefined)
    throw new PilotageError(
      'usage',
      `--${name} ${option}: not understood; remedy: ${meant.remedy}`,
    );
  throw refusal({
    code: 'wrong-value',
    ...placeOf(name),
    message: 'not understood',
    remedy: meant.remedy,
  });
};

/** Files of one kind: those of the option, or else those that the file of answers names. */
const readFiles = async (
  option: readonly string[],
  { settings, folder }: AnswersSource,
  key: 'context' | 'part',
  read: (name: string, bytes: Buffer) => Given,
): Promise<Given[]> => {
  const names = option.length > 0 ? option : (settings[key] ?? []);
  const from = option.length > 0 ? '.' : folder;
  const all: Given[] = [];
  for (const name of names)
    all.push(read(name, await readNamed(from, name, USER_DATA_LIMITS.bytes)));
  return all;
};

/** Everything that goes into the user-data, in the order in which it is merged. */
export const readGiven = async (values: OptionValues, source: AnswersSource): Promise<Given[]> => {
  const option = text(values, 'from');
  const from = option ?? source.settings.from;
  const folder = option === undefined ? source.folder : '.';
  const start =
    from === undefined
      ? []
      : [readGivenContext(from, await readNamed(folder, from, USER_DATA_LIMITS.bytes))];
  const given = [
    ...start,
    ...(await readFiles(list(values, 'context'), source, 'context', readGivenContext)),
    ...(await readFiles(list(values, 'part'), source, 'part', readGivenPart)),
  ];
  const pieces: Json[] = [];
  for (const name of QUESTION_NAMES) pieces.push(...(await pieceOf(name, values, source)));
  if (pieces.length === 0) return given;
  const merged = mergeTexts(parseTexts(given.flatMap(({ texts }) => texts)));
  const answers = joinAnswers(pieces, { ...merged });
  return [...given, { name: answers.name, texts: [answers], notices: [] }];
};
