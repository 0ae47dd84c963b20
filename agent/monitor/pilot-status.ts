import * as v from 'valibot';
import { PilotReport } from '../../protocol/heartbeat.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { elapsedMs, type Moment, remainingMs } from '../moment.ts';
import { activityOf } from '../pilot/activity.ts';
import { idleMs } from '../pilot/idle-clock.ts';
import { OUTCOMES, Outcome } from '../pilot/outcome.ts';
import { isAlive, type SlotState } from '../pilot/slot-state.ts';
import type { Slot } from '../pilot/slots.ts';
import { unitId } from '../pilot/unit/unit.ts';
import { isUnkillable } from '../pilot/unkillable.ts';
import type { Observation } from './observe.ts';
import type { MonitorState } from './state.ts';

/** One slot and its pilot as the machine shows it: what heartbeats tell, and what is of use here alone. */
export const PilotStatus = v.object({
  ...PilotReport.entries,
  memoryMb: v.optional(v.number()),
  /** Under which the pilot runs. */
  user: v.optional(v.string()),
  /** Processes and threads. */
  tasks: v.optional(v.number()),
  /** GPUs of its slot, by UUID; absent on a machine without any. */
  gpus: v.optional(v.array(v.string())),
  /** For how long it has been idle. */
  idleMs: v.optional(v.number()),
  /** ms until the next start, where there is a time for it. */
  nextStartMs: v.optional(v.number()),
  /** What its last end meant. */
  lastOutcome: v.optional(Outcome),
});
export type PilotStatus = v.InferOutput<typeof PilotStatus>;

interface Look {
  state: Pick<MonitorState, 'slots' | 'ending' | 'hold'>;
  planned: readonly Slot[];
  seen: Pick<Observation, 'sightings' | 'cpuCores' | 'answers'>;
  now: Moment;
  /** From TERM to KILL. */
  killGrace: number;
}

const reportOf = (slot: string, pilot: SlotState, look: Look) => {
  const { state, planned, seen, now, killGrace } = look;
  const id = unitId({ slot, generation: pilot.generation });
  const cpu = seen.cpuCores.get(id);
  const answer = isAlive(pilot) ? seen.answers.get(id) : undefined;
  const course = { isEnding: state.ending !== undefined, isHeld: state.hold !== undefined };
  const hangs = isUnkillable(pilot, now, killGrace) && state.ending?.kind !== 'halt';
  const said = hangs ? 'it outlives KILL: a process of it hangs in the kernel' : answer?.said;
  return {
    slot,
    generation: pilot.generation,
    state: pilot.state,
    activity: activityOf(pilot, answer, course),
    cores: planned.find(({ name }) => name === slot)?.cores ?? 0,
    ...(cpu === undefined ? {} : { cpuCores: cpu }),
    ...(answer === undefined ? {} : { payloads: answer.payloads }),
    ...(answer?.payloadsStarted === undefined ? {} : { payloadsStarted: answer.payloadsStarted }),
    ...(answer?.jobs === undefined ? {} : { jobs: answer.jobs.slice(0, LIMITS.jobs) }),
    ...(said === undefined || said === '' ? {} : { said }),
    ...(isAlive(pilot) ? { runningMs: elapsedMs(pilot.since, now) } : {}),
    ...(pilot.lastExit === undefined ? {} : { lastExit: pilot.lastExit }),
    ...(pilot.outcome === undefined ? {} : { lastVac: OUTCOMES[pilot.outcome].vac }),
  } satisfies PilotReport;
};

/** The slots as heartbeats tell of them. Pure. */
export const reportPilots = (look: Look): PilotReport[] =>
  Object.entries(look.state.slots).map(([slot, pilot]) => reportOf(slot, pilot, look));

const nextStartOf = (pilot: SlotState, { state, now }: Look): number | undefined =>
  pilot.state !== 'waiting' || state.ending !== undefined || state.hold !== undefined
    ? undefined
    : Math.max(0, pilot.notBefore === undefined ? 0 : remainingMs(pilot.notBefore, now));

/** The same, as `status` and `pilots` show them. Pure. */
export const describePilots = (look: Look): PilotStatus[] =>
  Object.entries(look.state.slots).map(([slot, pilot]) => {
    const plan = look.planned.find(({ name }) => name === slot);
    const unit = look.seen.sightings.find(
      sighting => sighting.slot === slot && sighting.generation === pilot.generation,
    );
    const nextStartMs = nextStartOf(pilot, look);
    return {
      ...reportOf(slot, pilot, look),
      ...(plan === undefined ? {} : { memoryMb: plan.memoryMb, user: plan.user }),
      ...(plan?.gpus === undefined ? {} : { gpus: plan.gpus.map(({ uuid }) => uuid) }),
      ...(unit?.state === 'running' && unit.tasks !== undefined ? { tasks: unit.tasks } : {}),
      ...(pilot.state === 'running' && pilot.idle !== undefined
        ? { idleMs: idleMs(pilot.idle, look.now) }
        : {}),
      ...(nextStartMs === undefined ? {} : { nextStartMs }),
      ...(pilot.outcome === undefined ? {} : { lastOutcome: pilot.outcome }),
    };
  });
