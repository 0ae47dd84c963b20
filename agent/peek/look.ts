import { LIMITS } from '../../protocol/limits.ts';
import type { PeekQuestion, PeekThing } from '../../protocol/peek.ts';
import { lookAtFile, lookAtFolder } from './look-at-files.ts';
import { showStacks } from './look-at-stacks.ts';
import { type LookPorts, type PilotInView, refused, type Sight } from './pilot-in-view.ts';
import type { ProcessFacts } from './process-facts.ts';
import { readGroupUse, readProcesses, readUptimeMs } from './read-proc.ts';
import { showPs, showTop } from './show-processes.ts';

const TOP_MS = 1000;

type Look = (ports: LookPorts, pilot: PilotInView, question: PeekQuestion) => Promise<Sight>;

const processesOf = async (ports: LookPorts, { unit }: PilotInView): Promise<ProcessFacts[]> => {
  const processes = await readProcesses(ports, unit);
  if (processes.length === 0) throw refused('it has no processes any more');
  return processes;
};

const nameIn =
  ({ users }: PilotInView) =>
  (uid: number | undefined): string =>
    uid === undefined ? '?' : (users.get(uid) ?? String(uid));

const LOOKS: { readonly [T in PeekThing]: Look } = {
  ps: async (ports, pilot) => {
    const processes = await processesOf(ports, pilot);
    return { text: showPs(processes, await readUptimeMs(ports), nameIn(pilot)) };
  },
  top: async (ports, pilot) => {
    const before = await processesOf(ports, pilot);
    const beganMs = ports.clock.monotonicMs();
    await ports.clock.sleep(TOP_MS);
    const after = await processesOf(ports, pilot);
    const betweenMs = Math.max(1, ports.clock.monotonicMs() - beganMs);
    const use = await readGroupUse(ports.host, after[0]?.pid);
    return { text: showTop(before, after, betweenMs, nameIn(pilot), use) };
  },
  ls: lookAtFolder,
  tail: lookAtFile,
  stack: async (ports, pilot) => {
    const processes = await processesOf(ports, pilot);
    return { text: await showStacks(ports, processes, pilot.owner) };
  },
};

/** One look at one pilot, of bounded length. Fails with `peek-refused` where there is nothing to see. */
export const look: Look = async (ports, pilot, question) => {
  const sight = await LOOKS[question.thing](ports, pilot, question);
  if (sight.text.length <= LIMITS.peekChars) return sight;
  return { ...sight, text: sight.text.slice(0, LIMITS.peekChars), isCut: true };
};
