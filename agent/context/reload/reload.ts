import { isPilotageError, messageOf, PilotageError } from '../../../platform/errors.ts';
import { readLearnt } from '../../learnt.ts';
import type { MachineId } from '../../machine.ts';
import { planSlots } from '../../pilot/slots.ts';
import type { PilotUnits } from '../../pilot/unit/unit.ts';
import { applySteps } from '../apply.ts';
import {
  type Contextualized,
  type ContextualizePorts,
  performPlan,
  planFor,
} from '../contextualize.ts';
import { readFacts } from '../facts.ts';
import { findContext } from '../find-context.ts';
import { planContext } from '../plan.ts';
import { type ResolvedContext, readResolved, writeResolved } from '../resolved.ts';
import type { LearnPorts } from '../sources/learn.ts';
import { changesUnderPilots } from './fixed-under-pilots.ts';
import { createFreshFiles } from './fresh-files.ts';

export interface ReloadParts {
  ports: ContextualizePorts & { units: Pick<PilotUnits, 'sight'> };
  sources: LearnPorts;
  machine: MachineId;
  /** Fails where no payload may run by that context. */
  examine(resolved: ResolvedContext): Promise<void>;
}

/** The former context's own steps once more, as far as the failed ones have changed them. */
const putBack = async (
  { ports, machine }: ReloadParts,
  { context }: ResolvedContext,
): Promise<void> => {
  const facts = await readFacts(machine, { ...ports, context });
  await applySteps(planContext(context, facts), machine, ports);
};

/** None where this VM has not been contextualized yet. */
const readBefore = async ({
  ports: { files },
}: ReloadParts): Promise<ResolvedContext | undefined> => {
  try {
    return await readResolved(files);
  } catch (error) {
    if (isPilotageError(error) && error.code === 'state-invalid') return undefined;
    throw error;
  }
};

const needSafe = async (
  { ports: { units } }: ReloadParts,
  before: ResolvedContext,
  after: ResolvedContext,
): Promise<void> => {
  const running = (await units.sight()).filter(({ state }) => state === 'running');
  const inUse = [...new Set(running.map(({ slot }) => slot))].sort();
  const changes = changesUnderPilots(before, after, inUse);
  if (changes.length > 0)
    throw new PilotageError(
      'context-invalid',
      `it would change ${changes.join(', ')} under pilots that run; remedy: end them first (end-pilot), or drain the VM`,
    );
};

/** A cloud that does not answer now must not take away what it told before. */
const needWhole = async (files: LearnPorts['files'], bootId: string): Promise<void> => {
  const learnt = await readLearnt(files, bootId);
  if (learnt !== undefined && !learnt.isWhole)
    throw new PilotageError(
      'context-missing',
      'not all of what tells of this VM answers now; remedy: try again later',
    );
};

/**
 * Asks for the context anew and does what is another in it, while pilots go on. What cannot be had,
 * understood or done, or leaves no fit node, changes nothing: the former context is put back, and the
 * error says why.
 */
export const reloadContext = async (
  parts: ReloadParts,
  signal: AbortSignal,
): Promise<Contextualized> => {
  const { ports, sources, machine, examine } = parts;
  const before = await readBefore(parts);
  const fresh = createFreshFiles(ports.files);
  const found = await findContext(
    { ...sources, files: fresh.files },
    { machine, mayWrite: true },
    signal,
  );
  await needWhole(fresh.files, machine.bootId);
  const planned = await planFor(ports, found);
  const { context } = planned.parsed;
  const after = { context, slots: planSlots(context, planned.facts) };
  if (before !== undefined) await needSafe(parts, before, after);
  let done: Contextualized;
  try {
    done = await performPlan(ports, found, planned);
    await examine(after);
  } catch (error) {
    if (before === undefined) throw error;
    const why = messageOf(error);
    await putBack(parts, before).catch((again: unknown) => {
      const both = `${why}; and the former context could not be put back: ${messageOf(again)}`;
      throw new PilotageError('step-failed', both);
    });
    throw new PilotageError('step-failed', `${why}; the former context holds`);
  }
  await fresh.keep();
  await writeResolved(ports.files, planned.parsed.merged, planned.facts);
  return done;
};
