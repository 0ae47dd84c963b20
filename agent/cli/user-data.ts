import { resolve } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { CLOUDS } from '../context/user-data/clouds.ts';
import { describeHandOver, handedOver, metaDataFor } from '../context/user-data/hand-over.ts';
import { renderUserData } from '../context/user-data/render.ts';
import {
  CLOUD_NAMES,
  type CloudName,
  ENCODINGS,
  type Encoding,
  FORMS,
} from '../context/user-data/words.ts';
import { type CommandIo, type OptionValues, text } from './command.ts';
import { readAnswersFile, readGiven } from './read-answers.ts';

const usage = (message: string): PilotageError => new PilotageError('usage', message);

const chosen = <T extends string>(
  values: OptionValues,
  option: string,
  choices: readonly T[],
): T | undefined => {
  const given = text(values, option);
  return choices.find(choice => choice === given);
};

/** @throws usage where no cloud is named, or one that does not take the encoding */
const needCloud = (cloud: CloudName | undefined, encoding: Encoding | undefined): CloudName => {
  if (cloud === undefined)
    throw usage(`which cloud is it for? remedy: --cloud, one of: ${CLOUD_NAMES.join(', ')}`);
  const { title, encodings } = CLOUDS[cloud];
  const taken: readonly Encoding[] = encodings;
  if (encoding !== undefined && !taken.includes(encoding))
    throw usage(`--encoding ${encoding} is not for ${title}; remedy: one of: ${taken.join(', ')}`);
  return cloud;
};

/** Closed to others: it holds secrets. */
const writeFile = (path: string, content: Buffer | string): Promise<void> =>
  createFiles('/').write(resolve(path), content, { mode: 0o600 });

const writeMetaData = async (values: OptionValues, cloud: CloudName): Promise<void> => {
  const path = text(values, 'meta-data');
  if (path === undefined) return;
  if (cloud !== 'nocloud') throw usage('--meta-data is for --cloud nocloud alone');
  const id = text(values, 'instance-id') ?? '';
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(id))
    throw usage(
      '--meta-data needs --instance-id; remedy: letters, digits and dashes, as of a host',
    );
  await writeFile(path, metaDataFor(id));
};

/** Renders user-data; what a person should know of it goes beside it, to the error output. */
export const userData = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const source = await readAnswersFile(values);
  const { settings } = source;
  const encoding = chosen(values, 'encoding', ENCODINGS) ?? settings.encoding;
  const cloud = needCloud(chosen(values, 'cloud', CLOUD_NAMES) ?? settings.cloud, encoding);
  const form = chosen(values, 'form', FORMS) ?? settings.form;
  const given = await readGiven(values, source);
  if (given.length === 0)
    throw usage('there is nothing to render; remedy: --from, --context, --answers, or an answer');
  const hasParts = given.some(({ part }) => part !== undefined);
  const written = form ?? (hasParts ? 'mime' : 'cloud-config');
  const { packed, notices } = renderUserData({ cloud, form: written, encoding, given });
  const output = text(values, 'output');
  if (output === undefined && packed.encoding === 'gzip')
    throw usage('gzip is no text for a terminal; remedy: --output FILE, or another --encoding');
  await writeMetaData(values, cloud);
  const bytes = handedOver(cloud, packed);
  if (output === undefined) io.out(bytes.toString('utf8'));
  else await writeFile(output, bytes);
  for (const notice of notices) io.err(`note: ${notice}\n`);
  io.err(`${describeHandOver(cloud, written, packed, output)}\n`);
  return 0;
};
