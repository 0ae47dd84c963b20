import { messageOf, PilotageError } from '../../platform/errors.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import {
  earlierOf,
  isSpared,
  listMarkers,
  type Marker,
  type Past,
  pastOf,
  readMarker,
  removeMarker,
  writeMarker,
} from './marker.ts';
import type { Step, StepKind, StepOf } from './step.ts';
import { EXECUTORS } from './steps/executors.ts';
import type { StepPorts } from './steps/ports.ts';

export interface StepResult {
  id: string;
  /**
   * `spared`: an earlier run did it, and nothing has changed since. `undone`: an earlier run did it, the
   * context no longer asks for it, and it was taken back; `left`: it cannot be taken back.
   */
  outcome: 'done' | 'spared' | 'undone' | 'left';
  tookMs: number;
}

export type ApplyPorts = StepPorts;
type Ids = Pick<MachineId, 'instanceId' | 'bootId'>;

type Undo = (step: Step, ports: StepPorts) => Promise<void>;

/** `undefined` where it cannot be taken back, or is of a kind that only another version knows. */
const undoOf = ({ kind }: Step): Undo | undefined =>
  Object.hasOwn(EXECUTORS, kind) ? (EXECUTORS[kind].undo as Undo | undefined) : undefined;

const stillHolds = <K extends StepKind>(step: StepOf<K>, ports: StepPorts): Promise<boolean> =>
  EXECUTORS[step.kind as K].holds?.(step, ports) ?? Promise.resolve(true);

const nothing: Undo = async () => undefined;

const failure = (step: Step, what: string, error: unknown): PilotageError =>
  new PilotageError('step-failed', `${what}: ${messageOf(error)}`, { step: step.id }, error);

/** What a reboot has undone needs no undoing. */
const isGone = ({ step, bootId }: Past, ids: Ids): boolean =>
  step.lasts === 'boot' && bootId !== ids.bootId;

const undoStep = async (marker: Marker, ids: Ids, ports: ApplyPorts): Promise<StepResult> => {
  const { step } = marker;
  const { files, clock, log } = ports;
  const startedMs = clock.monotonicMs();
  const undo = isGone(marker, ids) ? nothing : undoOf(step);
  try {
    for (const past of pastOf(marker))
      if (!isGone(past, ids)) await undoOf(past.step)?.(past.step, ports);
  } catch (error) {
    throw failure(step, `cannot take back: ${step.what}`, error);
  }
  await removeMarker(files, step.id);
  const outcome = undo === undefined ? 'left' : 'undone';
  log.info({ step: step.id, outcome }, `no longer asked for: ${step.what}`);
  return { id: step.id, outcome, tookMs: Math.round(clock.monotonicMs() - startedMs) };
};

/** Takes back what earlier runs did and none of these steps asks for, the last done first. */
export const undoOthers = async (
  steps: readonly Step[],
  ids: Ids,
  ports: ApplyPorts,
): Promise<StepResult[]> => {
  const wanted = new Set(steps.map(({ id }) => id));
  const left = (await listMarkers(ports.files)).filter(id => !wanted.has(id));
  const markers: Marker[] = [];
  for (const id of left) {
    const marker = await readMarker(ports.files, id);
    if (marker === undefined) await removeMarker(ports.files, id);
    else markers.push(marker);
  }
  markers.sort((a, b) => b.order - a.order);
  const results: StepResult[] = [];
  for (const marker of markers) results.push(await undoStep(marker, ids, ports));
  return results;
};

/** Once over all that was there before: usually that is one step or none, but others may have failed since. */
const doStep = async <K extends StepKind>(
  step: StepOf<K>,
  past: readonly Past[],
  ports: StepPorts,
): Promise<void> => {
  const executor = EXECUTORS[step.kind as K];
  const before = past.filter(({ step: { kind } }) => kind === step.kind);
  if (before.length === 0) await executor.apply(step, ports, undefined);
  for (const { step: previous } of before) await executor.apply(step, ports, previous as StepOf<K>);
};

/**
 * Takes back what is no longer asked for, then does the steps in order, leaving a marker for each. Fails
 * with `step-failed` at the first that fails: a VM that is half prepared must not run jobs.
 */
export const applySteps = async (
  steps: readonly Step[],
  machine: Ids,
  ports: ApplyPorts,
): Promise<StepResult[]> => {
  const { files, clock, log } = ports;
  const ids = { instanceId: machine.instanceId, bootId: machine.bootId };
  await files.makeDirectory(PATHS.steps, { mode: 0o700 });
  const results = await undoOthers(steps, ids, ports);
  for (const [order, step] of steps.entries()) {
    const startedMs = clock.monotonicMs();
    const previous = await readMarker(files, step.id);
    if (isSpared(previous, step, ids) && (await stillHolds(step, ports))) {
      results.push({ id: step.id, outcome: 'spared', tookMs: 0 });
      continue;
    }
    for (const notice of step.notices ?? []) log.warn({ step: step.id }, notice);
    const earlier = earlierOf(previous, step);
    await writeMarker(files, step, { ...ids, order, outcome: 'started' }, earlier);
    try {
      await doStep(step, pastOf(previous), ports);
    } catch (error) {
      await writeMarker(files, step, { ...ids, order, outcome: 'failed' }, earlier);
      throw failure(step, step.what, error);
    }
    await writeMarker(files, step, { ...ids, order, outcome: 'succeeded' });
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    log.info({ step: step.id, tookMs }, step.what);
    results.push({ id: step.id, outcome: 'done', tookMs });
  }
  return results;
};
