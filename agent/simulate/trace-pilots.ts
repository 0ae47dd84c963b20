import type { Answer } from '../pilot/answer.ts';
import { isAlive, type SlotState } from '../pilot/slot-state.ts';
import type { PilotAction } from '../pilot/supervise.ts';
import { type UnitExit, type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import { NO_DATA } from '../reading.ts';
import { readingOf } from './told.ts';
import type { TracePilot } from './trace.ts';

/** The pilots of a trace as the agent that is simulated sees them. */
export interface TracePilots {
  look(
    pilots: readonly TracePilot[],
    slots: Readonly<Record<string, SlotState>>,
  ): { sightings: UnitSighting[]; answers: Map<string, Answer> };
  /** Takes note of pilots that would have been ended: what the trace says of them came not to pass. */
  note(actions: readonly PilotAction[], pilots: readonly TracePilot[]): void;
}

const TERMINATED: UnitExit = { result: 'success', code: 'killed', status: 'TERM' };

const exitOf = (pilot: TracePilot | undefined): UnitExit => {
  const status = String(pilot?.exitCode ?? 0);
  return { result: status === '0' ? 'success' : 'exit-code', code: 'exited', status };
};

const answerOf = ({ payloads, payloadsStarted, ready }: TracePilot): Answer => ({
  payloads: payloads === undefined ? NO_DATA : readingOf(payloads),
  ...(payloadsStarted === undefined ? {} : { payloadsStarted }),
  ...(ready === undefined ? {} : { ready }),
});

export const createTracePilots = (): TracePilots => {
  const ended = new Set<string>();

  /** In the trace the runs may be counted otherwise than the simulated agent counts them. */
  const sight = (
    slot: string,
    known: SlotState | undefined,
    pilot: TracePilot | undefined,
  ): UnitSighting | undefined => {
    const isRunning = pilot?.state === 'running';
    if (isRunning && !ended.has(unitId(pilot))) {
      const generation = Math.max(pilot.generation, known?.generation ?? 0);
      return { slot, generation, state: 'running', cpuMs: NO_DATA };
    }
    if (known === undefined || !isAlive(known)) return undefined;
    const { generation } = known;
    // Its start waits for the one in the trace.
    if (known.state === 'starting') return { slot, generation, state: 'preparing' };
    const exit = isRunning ? TERMINATED : exitOf(pilot);
    return { slot, generation, state: 'ended', exit };
  };

  return {
    look: (pilots, slots) => {
      const bySlot = new Map(pilots.map(pilot => [pilot.slot, pilot] as const));
      const sightings: UnitSighting[] = [];
      const answers = new Map<string, Answer>();
      for (const slot of new Set([...Object.keys(slots), ...bySlot.keys()])) {
        const pilot = bySlot.get(slot);
        const sighting = sight(slot, slots[slot], pilot);
        if (sighting === undefined) continue;
        sightings.push(sighting);
        if (pilot !== undefined) answers.set(unitId(sighting), answerOf(pilot));
      }
      return { sightings, answers };
    },
    note: (actions, pilots) => {
      for (const action of actions) {
        if (action.kind !== 'signal') continue;
        const pilot = pilots.find(({ slot }) => slot === action.slot);
        if (pilot !== undefined) ended.add(unitId(pilot));
      }
    },
  };
};
