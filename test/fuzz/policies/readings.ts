import type { Readings, Snapshot } from '../../../agent/monitor/snapshot.ts';
import type { Answer } from '../../../agent/pilot/answer.ts';
import type { UnitSighting } from '../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA, type Reading, sumReadings } from '../../../agent/reading.ts';
import type { Faulty, Ill } from './happening.ts';
import { answerOf, isUp, sightingOf } from './pilot.ts';
import type { World } from './world.ts';

/** Of a load average over one minute. */
const LOAD_MS = 60_000;

/** Of a payload that moves data. */
const BYTES_PER_MS = 5000;

/** What pilots did while time passed, on the counters that tell of it. */
export const countWork = (world: World, passedMs: number): void => {
  let cores = 0;
  let waiting = 0;
  let moving = 0;
  for (const { payloads, work, isBorn, hasEnded } of world.pilots.values()) {
    if (payloads === 0 || !isBorn || hasEnded) continue;
    if (work === 'cpu') cores += 1;
    if (work === 'hangs') waiting += 1;
    if (work === 'moves') moving += 1;
  }
  const load = cores + waiting;
  world.usedCoreMs += cores * passedMs;
  world.movedBytes += moving * BYTES_PER_MS * passedMs;
  world.loadAverage = load + (world.loadAverage - load) * Math.exp(-passedMs / LOAD_MS);
};

/** What some VMs measure beyond load, cores and GPUs. */
const measureWorld = (
  { ills, movedBytes, usedCoreMs }: World,
  passedMs: number,
  fails: (of: Faulty) => boolean,
): Partial<Readings> => {
  const moved = fails('traffic') ? FAILED : passedMs === 0 ? NO_DATA : undefined;
  const health = (of: Ill, ill: number, well: number): Reading =>
    fails('health') ? FAILED : measured(ills.has(of) ? ill : well);
  return {
    busyCores: moved ?? measured(usedCoreMs / passedMs),
    networkBytesPerS: moved ?? measured((movedBytes / passedMs) * 1000),
    diskBytesPerS: moved ?? measured(0),
    cvmfs: health('cvmfs', 0, 1),
    squid: health('squid', 0, 1),
    diskFreeShare: health('disk', 0.001, 0.5),
  };
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
  const isFirst = agent.lookedAt === undefined;
  const passedMs = isFirst ? 0 : nowMs - lastLookMs;
  return {
    sightings,
    answers,
    readings: {
      load: fails('load') ? FAILED : measured(loadAverage),
      cpuCores: faults.has('all')
        ? FAILED
        : passedMs === 0
          ? NO_DATA
          : measured(usedCoreMs / passedMs),
      payloads: isMute ? FAILED : sumReadings(payloads),
      ...(setting.isMeasured ? measureWorld(world, passedMs, fails) : {}),
      ...(setting.hasGpus ? { gpus: fails('gpus') ? FAILED : measured(gpusInUse) } : {}),
    },
  };
};
