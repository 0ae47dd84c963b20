import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Learnt } from '../learnt.ts';
import { asTold, isIdKnown, type MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { expandOnMachine } from './find-context.ts';
import { findMachineTexts } from './find-context-texts.ts';
import { includesOthers } from './includes/target.ts';
import { lifelineTextOf } from './lifeline-text.ts';
import { loadLifelineText } from './load.ts';
import { parseLifeline } from './parse.ts';
import { namesFacts, readVmFacts } from './read-vm-facts.ts';
import { writeLifeline } from './resolved.ts';
import type { ContextText } from './source-file.ts';
import { type LearnPorts, learn } from './sources/learn.ts';

interface FoundLifeline {
  text: ContextText;
  cloud: Learnt['facts'];
}

/** A cloud that does not answer costs the lifeline the names that it would have told, and no more. */
const PATIENCE_MS = 60_000;
const INCLUDES_MS = 40_000;

const learnInTime = async (
  ports: LearnPorts,
  bootId: string,
  signal: AbortSignal,
): Promise<Learnt['facts']> => {
  const done = new AbortController();
  const late = new AbortController();
  const timer = ports.clock.sleep(PATIENCE_MS, done.signal).then(() => late.abort());
  const input = { bootId, mayWrite: true, needsUserData: false };
  try {
    return (await learn(ports, input, AbortSignal.any([signal, late.signal]))).facts;
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error;
    ports.log.warn({ error: messageOf(error) }, 'the lifeline goes without what the cloud tells');
    return {};
  } finally {
    done.abort();
    await timer;
  }
};

/** With what user-data includes, as far as it can be had. */
const withIncluded = async (
  ports: LearnPorts,
  machine: MachineId,
  texts: readonly ContextText[],
  cloud: Learnt['facts'],
  signal: AbortSignal,
): Promise<readonly ContextText[]> => {
  if (!texts.some(includesOthers)) return texts;
  const facts = await readVmFacts(ports.files, await asTold(ports.files, machine, cloud), texts);
  const how = {
    bootId: machine.bootId,
    mayWrite: true,
    totalMs: INCLUDES_MS,
    isTolerant: true,
  };
  const expanded = await expandOnMachine(ports, texts, facts, how, signal);
  for (const notice of expanded.notices) ports.log.warn({}, `the lifeline: ${notice}`);
  return expanded.texts;
};

/** The lifeline's own file, or else what the cloud's user-data says of it. */
const findLifeline = async (
  ports: LearnPorts,
  machine: MachineId,
  signal: AbortSignal,
): Promise<FoundLifeline | undefined> => {
  const { files } = ports;
  const { bootId } = machine;
  const text = await loadLifelineText(files);
  if (text !== undefined) {
    // Whoever enrols needs a name; where cloud-init left one, the cloud is not waited for.
    if (!(await isIdKnown(files))) {
      const input = { bootId, mayWrite: true, needsUserData: false };
      return { text, cloud: (await learn(ports, input, signal)).facts };
    }
    return { text, cloud: namesFacts([text]) ? await learnInTime(ports, bootId, signal) : {} };
  }
  try {
    const { texts, cloud } = await findMachineTexts(ports, { bootId, mayWrite: true }, signal);
    return {
      text: lifelineTextOf(await withIncluded(ports, machine, texts, cloud, signal)),
      cloud,
    };
  } catch (error) {
    if (isPilotageError(error) && error.code === 'context-missing') return undefined;
    throw error;
  }
};

/** Reads the receiver's address and trust by themselves; a VM without them has no lifeline. */
export const resolveLifeline = async (
  ports: LearnPorts,
  machine: MachineId,
  signal: AbortSignal,
): Promise<void> => {
  const { files } = ports;
  const found = await findLifeline(ports, machine, signal);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  if (found === undefined) return writeLifeline(files, { version: 1 });
  const { text, cloud } = found;
  const facts = await readVmFacts(files, await asTold(files, machine, cloud), [text]);
  await writeLifeline(files, parseLifeline(text, facts).merged);
};
