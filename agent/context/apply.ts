import type { Clock } from '../../platform/clock.ts';
import { messageOf, PilotageError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { isSpared, readMarker, writeMarker } from './marker.ts';
import type { Step, StepKind, StepOf } from './step.ts';
import { EXECUTORS } from './steps/executors.ts';
import type { StepPorts } from './steps/ports.ts';

export interface StepResult {
  id: string;
  /** `spared`: an earlier run did it, and nothing has changed since. */
  outcome: 'done' | 'spared';
  tookMs: number;
}

const execute = <K extends StepKind>(step: StepOf<K>, ports: StepPorts): Promise<void> => {
  const executor = EXECUTORS[step.kind as K] as (
    step: StepOf<K>,
    ports: StepPorts,
  ) => Promise<void>;
  return executor(step, ports);
};

/**
 * Does the steps in order, leaving a marker for each. Fails with `step-failed` at the first that
 * fails: a VM that is half prepared must not run jobs.
 */
export const applySteps = async (
  steps: readonly Step[],
  machine: Pick<MachineId, 'instanceId' | 'bootId'>,
  ports: StepPorts & { clock: Clock; log: Log },
): Promise<StepResult[]> => {
  const { files, clock, log } = ports;
  const ids = { instanceId: machine.instanceId, bootId: machine.bootId };
  await files.makeDirectory(PATHS.steps, { mode: 0o700 });
  const results: StepResult[] = [];
  for (const step of steps) {
    const startedMs = clock.monotonicMs();
    if (isSpared(await readMarker(files, step), step, ids)) {
      results.push({ id: step.id, outcome: 'spared', tookMs: 0 });
      continue;
    }
    for (const notice of step.notices ?? []) log.warn({ step: step.id }, notice);
    await writeMarker(files, step, { ...ids, outcome: 'started' });
    try {
      await execute(step, ports);
    } catch (error) {
      await writeMarker(files, step, { ...ids, outcome: 'failed' });
      throw new PilotageError(
        'step-failed',
        `${step.what}: ${messageOf(error)}`,
        { step: step.id },
        error,
      );
    }
    await writeMarker(files, step, { ...ids, outcome: 'succeeded' });
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    log.info({ step: step.id, tookMs }, step.what);
    results.push({ id: step.id, outcome: 'done', tookMs });
  }
  return results;
};
