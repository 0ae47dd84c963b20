import { closest } from 'fastest-levenshtein';
import * as v from 'valibot';
import { isJsonObject } from '../merge.ts';
import { contextInvalid, type Problem } from '../problem.ts';
import { parseSourceFile } from '../source-file.ts';
import { CLOUD_NAMES, ENCODINGS, FORMS, QUESTION_NAMES, type QuestionName } from './words.ts';

export type Answer = string | readonly string[];

export interface AnswersFile {
  settings: Settings;
  answers: ReadonlyMap<QuestionName, Answer>;
  /** For errors about an answer. */
  placeOf(name: QuestionName): Pick<Problem, 'file' | 'line' | 'key'>;
}

const oneOf = <const T extends string>(names: readonly T[]) =>
  v.picklist(names, `one of: ${names.join(', ')}`);
const Texts = v.array(v.string('a list of texts'), 'a list of texts');

const SETTINGS = {
  cloud: oneOf(CLOUD_NAMES),
  form: oneOf(FORMS),
  encoding: oneOf(ENCODINGS),
  from: v.string('the name of a file'),
  context: Texts,
  part: Texts,
} as const;
const Settings = v.partial(v.object(SETTINGS));
/** What is settled beside the answers; the same names are options. */
export type Settings = v.InferOutput<typeof Settings>;

const AnswerText = v.union(
  [v.string(), Texts],
  'a text, in quotes if it looks like something else, or a list of texts',
);

const isQuestion = (key: string): key is QuestionName =>
  (QUESTION_NAMES as readonly string[]).includes(key);
const KNOWN = [...Object.keys(SETTINGS), ...QUESTION_NAMES];

const schemaOf = (key: string): v.GenericSchema | undefined => {
  if (isQuestion(key)) return AnswerText;
  return Object.hasOwn(SETTINGS, key) ? SETTINGS[key as keyof typeof SETTINGS] : undefined;
};

/**
 * A file of answers: YAML, with the names of the options as keys.
 * @throws context-invalid with every problem
 */
export const parseAnswersFile = (name: string, text: string): AnswersFile => {
  const file = parseSourceFile({ name, text });
  if ('remedy' in file) throw contextInvalid([file]);
  const entries = Object.entries(isJsonObject(file.data) ? file.data : {});
  const placeOf = (key: string) => ({ file: name, line: file.lineOf([key]), key });
  const problems = entries.flatMap(([key, value]): Problem[] => {
    const schema = schemaOf(key);
    if (schema === undefined)
      return [
        {
          code: 'unknown-key',
          ...placeOf(key),
          message: 'unknown key',
          remedy: `did you mean ${closest(key, KNOWN)}?`,
        },
      ];
    const result = v.safeParse(schema, value);
    if (result.success) return [];
    const remedy = result.issues[0]?.message ?? '';
    return [{ code: 'wrong-value', ...placeOf(key), message: 'not understood', remedy }];
  });
  if (problems.length > 0) throw contextInvalid(problems);
  const all = Object.fromEntries(entries);
  return {
    settings: v.parse(Settings, all),
    answers: new Map(
      entries.flatMap(([key, value]) =>
        isQuestion(key) ? [[key, v.parse(AnswerText, value)] as const] : [],
      ),
    ),
    placeOf,
  };
};
