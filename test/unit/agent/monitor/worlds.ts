import { parseContext } from '../../../../agent/context/parse.ts';
import type { Context } from '../../../../agent/context/schema.ts';
import { later, type Moment } from '../../../../agent/moment.ts';
import { type DecideOutput, decide } from '../../../../agent/monitor/decide.ts';
import type { Windows } from '../../../../agent/monitor/judge.ts';
import type { Order } from '../../../../agent/monitor/order.ts';
import type { Preparation, Readings, Snapshot } from '../../../../agent/monitor/snapshot.ts';
import { type MonitorState, newMonitorState } from '../../../../agent/monitor/state.ts';
import type { Slot } from '../../../../agent/pilot/slots.ts';
import type { UnitExit, UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { measured, NO_DATA } from '../../../../agent/reading.ts';

export const T0: Moment = { bootId: 'b1', monotonicMs: 10_000, wallMs: Date.UTC(2026, 0, 1) };
export const at = (ms: number): Moment => later(T0, ms);

const MINUTE = 60_000;
export const minutes = (count: number): number => count * MINUTE;

export const contextOf = (parts: object = {}): Context =>
  parseContext([
    {
      name: 'c',
      text: JSON.stringify({
        version: 1,
        pilots: { kind: 'command', command: ['/bin/pilot'], slots: 'whole-node' },
        ...parts,
      }),
    },
  ]).context;

const SLOTS: Slot[] = [{ name: '00', cores: 4, memoryMb: 4000, user: 'plt00' }];
export const READY: Preparation = { state: 'done', slots: SLOTS };
export const BUSY: Readings = { load: measured(4), cpuCores: measured(4), payloads: measured(1) };
export const QUIET: Readings = { load: measured(0), cpuCores: measured(0), payloads: NO_DATA };

export const order = (kind: Order['kind'], more: Partial<Order> = {}): Order => ({
  id: `${kind}-1`,
  source: 'receiver',
  kind,
  reason: 'because',
  receivedAt: T0,
  ...more,
});

/** A VM in a test: a state, a context, and a world in which what is decided happens at once. */
export const createWorld = (context: Context = contextOf(), spread = 0) => {
  let state: MonitorState = newMonitorState('i-1', T0);
  let windows: Windows = {};
  const units = new Map<string, UnitSighting>();
  let nowMs = 0;
  let lookedAt: Moment | undefined;

  const tick = (more: Partial<Snapshot> = {}): DecideOutput['decision'] => {
    const snapshot: Snapshot = {
      now: at(nowMs),
      lookedAt,
      preparation: READY,
      readings: BUSY,
      sightings: [...units.values()],
      orders: [],
      canPersist: true,
      jitter: 1,
      ...more,
    };
    const output = decide({ state, windows, snapshot, context, spread });
    lookedAt = snapshot.now;
    state = output.state;
    windows = output.windows;
    for (const action of output.decision.actions) {
      if (action.kind === 'start')
        units.set(action.slot, {
          slot: action.slot,
          generation: action.generation,
          state: 'running',
          cpuMs: measured(0),
        });
      else if (action.kind === 'signal' && action.signal === 'KILL')
        world.end({ result: 'signal', code: 'killed', status: 'KILL' });
    }
    return output.decision;
  };

  const world = {
    tick,
    /** Time passes in ticks of ten seconds; the last decision counts. */
    pass: (ms: number, more: Partial<Snapshot> = {}): DecideOutput['decision'] => {
      let last = tick(more);
      for (const end = nowMs + ms; nowMs < end; ) {
        nowMs = Math.min(end, nowMs + 10_000);
        last = tick({ ...more, orders: [] });
      }
      return last;
    },
    jump: (ms: number): void => {
      nowMs += ms;
    },
    /** Every running pilot ends so. */
    end: (exit: UnitExit): void => {
      for (const [slot, unit] of units)
        if (unit.state === 'running')
          units.set(slot, { slot, generation: unit.generation, state: 'ended', exit });
    },
    /** The agent restarts: only the state that it wrote down survives. */
    restart: (): void => {
      windows = {};
      lookedAt = undefined;
      state = JSON.parse(JSON.stringify(state)) as MonitorState;
    },
    running: (): number => [...units.values()].filter(unit => unit.state === 'running').length,
    state: (): MonitorState => state,
  };
  return world;
};
