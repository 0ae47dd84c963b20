import { PilotageError } from '../../../platform/errors.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { parseContextSh } from './context-sh.ts';
import { decodeBase64, needBase64 } from './decode-base64.ts';
import { DETECT, OPENNEBULA_LABEL } from './detect.ts';
import { readRegular } from './read-regular.ts';
import { type Source, type SourceResult, USER_DATA_BYTES } from './source.ts';

const FILE = 'context.sh';
/** Beside the user-data it holds keys, scripts and network settings. */
const MAX_BYTES = 2 * USER_DATA_BYTES;

const userDataOf = (values: ReadonlyMap<string, string>): Buffer | undefined => {
  const text = values.get('USER_DATA') ?? values.get('USERDATA');
  if (text !== undefined && text !== '') {
    const encoding = values.get('USER_DATA_ENCODING') ?? values.get('USERDATA_ENCODING');
    return encoding === 'base64' ? needBase64(text, `USER_DATA of ${FILE}`) : Buffer.from(text);
  }
  const old = values.get('EC2_USER_DATA') ?? '';
  // Contexts for CernVM have it in base64 and do not say so.
  return old === '' ? undefined : (decodeBase64(old) ?? Buffer.from(old));
};

/** The text of a context.sh → what it tells; `reply-invalid` with the line if it cannot be understood. */
export const resultOfContextSh = (text: string): SourceResult => {
  const parsed = parseContextSh(text);
  if (!parsed.ok) {
    const { line, message, remedy } = parsed.problem;
    throw new PilotageError('reply-invalid', `${FILE}:${line}: ${message}; remedy: ${remedy}`);
  }
  const { values } = parsed;
  const userData = userDataOf(values);
  return {
    facts: cloudFacts({
      instanceId: cloudFact(values.get('VMID')),
      localIp: cloudFact(values.get('ETH0_IP')),
    }),
    ...(userData === undefined ? {} : { userData }),
  };
};

/** OpenNebula: "Virtual Machine Template", section Context, and the package one-context. */
export const opennebula: Source = {
  name: 'opennebula',
  tells: ['instanceId', 'localIp'],
  detect: DETECT.opennebula,
  fetch: ({ disks }, signal) =>
    disks.use(OPENNEBULA_LABEL, signal, async files => {
      const bytes = await readRegular(files, `/${FILE}`, MAX_BYTES);
      if (bytes === undefined)
        throw new PilotageError('reply-invalid', `the context disk holds no ${FILE}`);
      return resultOfContextSh(bytes.toString('utf8'));
    }),
};
