import type { Files } from '../../platform/files.ts';
import { readLearnt } from '../learnt.ts';
import { asTold, type MachineId } from '../machine.ts';
import { findMachineTexts, type MachineTexts } from './find-context-texts.ts';
import { loadGivenContext } from './load.ts';
import { namesFacts } from './read-vm-facts.ts';
import type { ContextText } from './source-file.ts';
import { type LearnPorts, learn } from './sources/learn.ts';

export interface FindInput {
  machine: MachineId;
  /** False where nothing may be written, as when a plan is only shown. */
  mayWrite: boolean;
  /** A file instead of the machine's own context. */
  given?: GivenFile | undefined;
}

export interface GivenFile {
  /** Those among which it lies. */
  files: Files;
  path: string;
  /** For messages. */
  name: string;
}

/** The texts of a context, and the VM as its cloud tells of it. */
export interface FoundContext {
  texts: ContextText[];
  machine: MachineId;
}

const findGiven = async (
  ports: LearnPorts,
  { files, path, name }: GivenFile,
  { machine: { bootId }, mayWrite }: FindInput,
  signal: AbortSignal,
): Promise<Pick<MachineTexts, 'texts'> & Partial<MachineTexts>> => {
  const texts = await loadGivenContext(files, path, name);
  if (!namesFacts(texts)) {
    const cloud = (await readLearnt(ports.files, bootId))?.facts;
    return cloud === undefined ? { texts } : { texts, cloud };
  }
  const { facts } = await learn(ports, { bootId, mayWrite, needsUserData: false }, signal);
  return { texts, cloud: facts };
};

/** The context of a machine, or the one that it is given. Fails as `findMachineTexts` does. */
export const findContext = async (
  ports: LearnPorts,
  input: FindInput,
  signal: AbortSignal,
): Promise<FoundContext> => {
  const { machine, mayWrite, given } = input;
  const { bootId } = machine;
  const { texts, cloud } =
    given === undefined
      ? await findMachineTexts(ports, { bootId, mayWrite }, signal)
      : await findGiven(ports, given, input, signal);
  const told = cloud === undefined ? machine : await asTold(ports.files, machine, cloud);
  return { texts, machine: told };
};
