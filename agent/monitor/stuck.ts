import { formatDuration } from '../../platform/duration.ts';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import { waitAtMost } from '../../platform/with-deadline.ts';
import type { Context } from '../context/schema.ts';
import { elapsedMs, type Moment } from '../moment.ts';
import {
  isStuck,
  type Signs,
  type Standstill,
  stirred,
  turnStandstill,
} from '../pilot/progress.ts';
import type { SlotState } from '../pilot/slot-state.ts';
import type { Slot } from '../pilot/slots.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import { type UnitName, type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import { isUnkillable } from '../pilot/unkillable.ts';
import type { AgentPorts } from '../ports.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../reading.ts';
import type { Observation } from './observe.ts';

/** Writes down all that tells of a run; how long ago the youngest of its processes began, ms. */
export type CollectEvidence = (unit: UnitName, why: string) => Promise<number | undefined>;

/** Watches whether pilots get on. */
export interface StuckWatch {
  /**
   * Slots of which the pilot is stuck and its evidence written down, and why it is to end. The evidence is
   * collected beside the looks, which never wait for it.
   */
  look(
    seen: Pick<Observation, 'sightings' | 'answers' | 'readings'>,
    slots: Readonly<Record<string, SlotState>>,
    planned: readonly Slot[],
    context: Context,
    now: Moment,
  ): Promise<ReadonlyMap<string, string>>;
}

type Running = Extract<UnitSighting, { state: 'running' }>;

/** What hangs in the kernel may hang whoever looks at it as well. */
const EVIDENCE_MS = 120_000;
/** Two clocks that tell of the same process. */
const SLACK_MS = 2000;

export const createStuckWatch = (
  { files, clock, log }: Pick<AgentPorts, 'files' | 'clock' | 'log'>,
  collect: CollectEvidence,
): StuckWatch => {
  const standstills = new Map<string, Standstill>();
  /** Of whom evidence is being collected, or has been. */
  const cases = new Map<string, 'collecting' | 'collected'>();
  const unkillable = new Set<string>();

  const outputOf = async (unit: UnitName): Promise<Reading> => {
    const { stdout, stderr } = pilotFiles(unit);
    try {
      const facts = [await files.facts(stdout), await files.facts(stderr)];
      return measured(facts.reduce((sum, file) => sum + (file?.sizeBytes ?? 0), 0));
    } catch (error) {
      if (isPilotageError(error)) return FAILED;
      throw error;
    }
  };

  const signsOf = async (
    unit: Running,
    { answers, readings }: Pick<Observation, 'answers' | 'readings'>,
    planned: readonly Slot[],
  ): Promise<Signs> => ({
    cpuMs: unit.cpuMs,
    tasks: unit.tasks === undefined ? NO_DATA : measured(unit.tasks),
    outputBytes: await outputOf(unit),
    answer: answers.get(unitId(unit)),
    gpus: planned.find(({ name }) => name === unit.slot)?.gpus && (readings.gpus ?? NO_DATA),
  });

  /** Never fails, and ends in time: a pilot that hangs is not to be kept by its evidence. */
  const collectInTime = async (unit: UnitName, why: string): Promise<number | undefined> => {
    const collecting = collect(unit, why).catch((error: unknown) => {
      log.warn({ unit: unitId(unit), error: messageOf(error) }, 'evidence could not be collected');
      return undefined;
    });
    return waitAtMost(clock, EVIDENCE_MS, collecting);
  };

  const open = async (unit: UnitName, standstill: Standstill, why: string, now: Moment) => {
    const id = unitId(unit);
    cases.set(id, 'collecting');
    const youngestAgoMs = await collectInTime(unit, why);
    // It has stirred, or ended, meanwhile.
    if (standstills.get(id)?.since !== standstill.since) return;
    if (
      youngestAgoMs !== undefined &&
      youngestAgoMs + SLACK_MS < elapsedMs(standstill.since, now)
    ) {
      // A process came in the place of another, which no count tells.
      standstills.set(id, stirred(standstill, youngestAgoMs, now));
      cases.delete(id);
      return;
    }
    log.warn({ unit: id, why }, 'a pilot is stuck; its evidence is beside its logs');
    cases.set(id, 'collected');
  };

  const noteUnkillable = (
    slots: Readonly<Record<string, SlotState>>,
    killGrace: number,
    now: Moment,
  ): void => {
    for (const [slot, pilot] of Object.entries(slots)) {
      const unit = { slot, generation: pilot.generation };
      const id = unitId(unit);
      if (unkillable.has(id) || !isUnkillable(pilot, now, killGrace)) continue;
      unkillable.add(id);
      log.error({ unit: id }, 'a pilot outlives KILL: a process of it hangs in the kernel');
      void collectInTime(unit, 'it outlives KILL');
    }
  };

  const forget = (present: ReadonlySet<string>): void => {
    for (const known of [standstills, cases, unkillable])
      for (const id of [...known.keys()]) if (!present.has(id)) known.delete(id);
  };

  return {
    look: async (seen, slots, planned, context, now) => {
      const { sightings } = seen;
      const stuck = new Map<string, string>();
      forget(new Set(sightings.map(unitId)));
      noteUnkillable(slots, context.ending.killGrace, now);
      const policy = context.pilots?.stuck;
      if (policy === undefined || policy.action === 'ignore') return stuck;
      for (const unit of sightings) {
        if (unit.state !== 'running' || slots[unit.slot]?.state !== 'running') continue;
        const id = unitId(unit);
        const before = standstills.get(id);
        const standstill = turnStandstill(before, await signsOf(unit, seen, planned), now, policy);
        if (standstill?.since !== before?.since) cases.delete(id);
        if (standstill === undefined) standstills.delete(id);
        else standstills.set(id, standstill);
        if (standstill === undefined || !isStuck(standstill, now, policy)) continue;
        const forMs = formatDuration(elapsedMs(standstill.since, now));
        const why = `stuck: no output, no processor time and no new process for ${forMs}`;
        const opened = cases.get(id);
        if (opened === undefined) void open(unit, standstill, why, now);
        else if (opened === 'collected' && policy.action === 'end') stuck.set(unit.slot, why);
      }
      return stuck;
    },
  };
};
