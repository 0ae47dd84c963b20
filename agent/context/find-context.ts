import { dirname } from 'node:path';
import type { Files } from '../../platform/files.ts';
import { readLearnt } from '../learnt.ts';
import { asTold, type MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { findMachineTexts, type MachineTexts } from './find-context-texts.ts';
import { type Expanded, expandIncludes, type IncludeReader } from './includes/expand.ts';
import { createIncludeFetch } from './includes/fetch-include.ts';
import { includesOthers, type Origin } from './includes/target.ts';
import { loadGivenContext } from './load.ts';
import { namesFacts, readVmFacts } from './read-vm-facts.ts';
import type { ContextText } from './source-file.ts';
import { type LearnPorts, learn } from './sources/learn.ts';
import { readRegular } from './sources/read-regular.ts';
import { USER_DATA_BYTES } from './sources/source.ts';
import type { VmFacts } from './vm-facts.ts';

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

/** The texts of a context with all that they include, and the VM as its cloud tells of it. */
export interface FoundContext {
  texts: ContextText[];
  machine: MachineId;
  /** What `${vm.…}` in these texts may name. */
  facts: VmFacts;
}

/** How long all addresses together are waited for. */
const INCLUDES_MS = 120_000;

/** A text of the machine: a file of its folders, or the cloud's user-data, which lies in none. */
export const machineOrigin = ({ name }: ContextText): Origin => ({
  folder: name.startsWith('/') ? dirname(name) : undefined,
  allowed: [PATHS.configuration, PATHS.imageConfiguration],
});

/** What is given by name may include whatever its giver can read. */
export const givenOrigin = (path: string): Origin => ({
  folder: dirname(path),
  allowed: undefined,
});
export const givenReader = (files: Files): Pick<IncludeReader, 'readFile'> => ({
  readFile: path => files.readBytes(path, USER_DATA_BYTES),
});

/** The includes of a machine's context; addresses are asked, or remembered from this boot. */
export const expandOnMachine = (
  ports: LearnPorts,
  texts: readonly ContextText[],
  facts: VmFacts,
  fetch: { bootId: string; mayWrite: boolean; totalMs: number; isTolerant?: boolean },
  signal: AbortSignal,
): Promise<Expanded> =>
  expandIncludes(texts, {
    reader: {
      readFile: path => readRegular(ports.files, path, USER_DATA_BYTES),
      fetch: createIncludeFetch(ports, fetch, signal),
    },
    originOf: machineOrigin,
    facts,
    isTolerant: fetch.isTolerant ?? false,
  });

const expandGiven = (
  ports: LearnPorts,
  texts: readonly ContextText[],
  facts: VmFacts,
  { files, path }: GivenFile,
  { machine: { bootId }, mayWrite }: FindInput,
  signal: AbortSignal,
): Promise<Expanded> =>
  expandIncludes(texts, {
    reader: {
      ...givenReader(files),
      fetch: createIncludeFetch(ports, { bootId, mayWrite, totalMs: INCLUDES_MS }, signal),
    },
    originOf: () => givenOrigin(path),
    facts,
  });

const findGiven = async (
  ports: LearnPorts,
  { files, path, name }: GivenFile,
  { machine: { bootId }, mayWrite }: FindInput,
  signal: AbortSignal,
): Promise<Pick<MachineTexts, 'texts'> & Partial<MachineTexts>> => {
  const texts = await loadGivenContext(files, path, name);
  if (!namesFacts(texts) && !texts.some(includesOthers)) {
    const cloud = (await readLearnt(ports.files, bootId))?.facts;
    return cloud === undefined ? { texts } : { texts, cloud };
  }
  const { facts } = await learn(ports, { bootId, mayWrite, needsUserData: false }, signal);
  return { texts, cloud: facts };
};

/**
 * The context of a machine, or the one that it is given. Fails as `findMachineTexts` does, and with
 * `context-invalid` where an include cannot be had.
 */
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
  const facts = await readVmFacts(ports.files, told, texts);
  if (!texts.some(includesOthers)) return { texts, machine: told, facts };
  const fetch = { bootId, mayWrite, totalMs: INCLUDES_MS };
  const expanded =
    given === undefined
      ? await expandOnMachine(ports, texts, facts, fetch, signal)
      : await expandGiven(ports, texts, facts, given, input, signal);
  for (const notice of expanded.notices) ports.log.warn({}, notice);
  const all = expanded.texts;
  return { texts: all, machine: told, facts: await readVmFacts(ports.files, told, all) };
};
