import { PilotageError } from '../../platform/errors.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import { unitId } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import type { CollectEvidence } from './stuck.ts';

/** One run has two reasons at most: it is stuck, then it outlives KILL. */
const MOST_BYTES = 1024 * 1024;

/** Puts the evidence of a run beside its logs, readable by root alone; from there it is sent like a log. */
export const createCollectEvidence =
  (ports: AgentPorts, runOf: (slot: string) => Promise<PilotRun | undefined>): CollectEvidence =>
  async (unit, why) => {
    const run = await runOf(unit.slot);
    if (run === undefined || unitId(run.unit) !== unitId(unit))
      throw new PilotageError('not-running', `${unitId(unit)} runs no longer`);
    // Seldom needed, so an agent whose pilots get on does not carry it.
    const { collectEvidence } = await import('../peek/evidence.ts');
    const { inView } = await import('../peek/in-view.ts');
    const { text, youngestAgoMs } = await collectEvidence(ports, await inView(run, ports), why);
    const { evidence } = pilotFiles(unit);
    const before = await ports.files.read(evidence, MOST_BYTES);
    const joined = before === undefined ? text : `${before}\n${text}`;
    await ports.files.write(evidence, joined, { mode: 0o600 });
    return youngestAgoMs;
  };
