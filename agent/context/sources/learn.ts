import type { Log } from '../../../platform/log.ts';
import { type Learnt, readLearnt, writeLearnt } from '../../learnt.ts';
import { PATHS } from '../../paths.ts';
import { FOR_USER_DATA, type Gathered, type GatherPorts, gather } from './gather.ts';
import { type SourceName, USER_DATA_BYTES } from './source.ts';

/** Of a context.sh, twice the usual bound, in base64. */
const KEPT_BYTES = 4 * USER_DATA_BYTES;

export interface LearnPorts extends GatherPorts {
  log: Log;
}

export interface LearnInput {
  bootId: string;
  /** False where nothing may be written, as when a plan is only shown. */
  mayWrite: boolean;
  /** Somebody depends on the user-data: a source that does not answer is then a failure. */
  needsUserData: boolean;
}

/** What this VM's cloud told. */
export interface Lesson {
  facts: Learnt['facts'];
  /** Absent: every source that there is was asked, and none has any. */
  userData?: { from: string; bytes: Buffer };
}

const recall = async (ports: LearnPorts, learnt: Learnt): Promise<Lesson | undefined> => {
  const { facts, userDataFrom: from } = learnt;
  if (from === undefined) return { facts };
  const text = await ports.files.read(PATHS.userData, KEPT_BYTES);
  return text === undefined
    ? undefined
    : { facts, userData: { from, bytes: Buffer.from(text, 'base64') } };
};

/** What is found on the machine's own disk says nothing of where it came from. */
const NO_CLOUDS: ReadonlySet<SourceName> = new Set(['file', 'cloud-init']);

const factsOf = ({ detected, facts }: Gathered): Learnt['facts'] => {
  const cloud = detected.find(({ name }) => !NO_CLOUDS.has(name))?.name;
  return { ...(cloud === undefined ? {} : { cloud }), ...facts };
};

const remember = async (
  { files }: LearnPorts,
  bootId: string,
  gathered: Gathered,
  userData: Lesson['userData'],
): Promise<void> => {
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  if (userData === undefined) await files.remove(PATHS.userData);
  else await files.write(PATHS.userData, userData.bytes.toString('base64'), { mode: 0o600 });
  await writeLearnt(files, {
    bootId,
    facts: factsOf(gathered),
    isWhole: gathered.failures.length === 0,
    ...(userData === undefined ? {} : { userDataFrom: userData.from }),
  });
};

/**
 * What the cloud tells of this VM, asked once a boot. Context files on the machine stand for themselves
 * and are no user-data here. Fails with the first source's failure if user-data is needed and it may
 * be that there is some.
 */
export const learn = async (
  ports: LearnPorts,
  { bootId, mayWrite, needsUserData }: LearnInput,
  signal: AbortSignal,
): Promise<Lesson> => {
  const learnt = await readLearnt(ports.files, bootId);
  const known = learnt?.isWhole === true ? await recall(ports, learnt) : undefined;
  if (known !== undefined) return known;
  const gathered = await gather(ports, FOR_USER_DATA, signal);
  const { failures } = gathered;
  const userData = gathered.userData?.from === 'file' ? undefined : gathered.userData;
  for (const { name, error } of failures)
    ports.log.warn({ source: name, code: error.code, error: error.message }, 'a source failed');
  const [first] = failures;
  if (needsUserData && userData === undefined && first !== undefined) throw first.error;
  if (mayWrite) await remember(ports, bootId, gathered, userData);
  return { facts: factsOf(gathered), ...(userData === undefined ? {} : { userData }) };
};
