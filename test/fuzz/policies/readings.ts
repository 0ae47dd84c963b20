import type { Snapshot } from '../../../agent/monitor/snapshot.ts';
import type { Answer } from '../../../agent/pilot/answer.ts';
import type { UnitSighting } from '../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA, type Reading, sumReadings } from '../../../agent/reading.ts';
import type { Faulty } from './happening.ts';
import { answerOf, isUp, type Pilot, sightingOf } from './pilot.ts';
import type { World } from './world.ts';

/** Of a load average over one minute. */
const LOAD_MS = 60_000;

const coresOf = ({ setting }: World, pilot: Pilot): number =>
  pilot.payloads > 0 && pilot.work === 'cpu'
    ? (setting.slots.find(({ name }) => name === pilot.slot)?.cores ?? 1)
    : 0;

/** What pilots did while time passed, on the two counters that tell of it. */
export const countWork = (world: World, passedMs: number): void => {
  let cores = 0;
  for (const pilot of world.pilots.values()) if (isUp(pilot)) cores += coresOf(world, pilot);
  world.usedCoreMs += cores * passedMs;
  world.loadAverage = cores + (world.loadAverage - cores) * Math.exp(-passedMs / LOAD_MS);
};

/** All that the agent sees of the pilots and of the machine, true or failed, and never wrong. */
export const seeWorld = (
  world: World,
): Pick<Snapshot, 'readings' | 'sightings'> & { answers: Map<string, Answer> } => {
  const { faults, setting, nowMs, lastLookMs, usedCoreMs, loadAverage, agent } = world;
  const fails = (of: Faulty): boolean => faults.has(of) || faults.has('all');
  const isMute = fails('answers');
  const sightings: UnitSighting[] = [];
  const answers = new Map<string, Answer>();
  const payloads: Reading[] = [];
  let gpusInUse = 0;
  for (const pilot of world.pilots.values()) {
    const sighting = sightingOf(pilot, nowMs);
    if (sighting === undefined) continue;
    sightings.push(sighting);
    if (sighting.state === 'preparing') continue;
    if (pilot.work === 'gpu' && pilot.payloads > 0) gpusInUse += 1;
    if (isMute) continue;
    const answer = answerOf(pilot, setting.isTold, fails('payloads'));
    answers.set(pilot.id, answer);
    if (isUp(pilot)) payloads.push(answer.payloads);
  }
  const passedMs = nowMs - lastLookMs;
  const isFirst = agent.lookedAt === undefined || passedMs === 0;
  return {
    sightings,
    answers,
    readings: {
      load: fails('load') ? FAILED : measured(loadAverage),
      cpuCores: faults.has('all') ? FAILED : isFirst ? NO_DATA : measured(usedCoreMs / passedMs),
      payloads: isMute ? FAILED : sumReadings(payloads),
      ...(setting.hasGpus ? { gpus: fails('gpus') ? FAILED : measured(gpusInUse) } : {}),
    },
  };
};
