import { later, type Moment } from '../../../../agent/moment.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import {
  type SuperviseInput,
  type SupervisePolicy,
  superviseSlot,
} from '../../../../agent/pilot/supervise.ts';
import type { UnitExit, UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { measured } from '../../../../agent/reading.ts';

/** Looks at one slot, `00`, whose pilots are of no particular kind. */

export const T0: Moment = { bootId: 'b1', monotonicMs: 1000, wallMs: 1_000_000 };
export const at = (ms: number): Moment => later(T0, ms);
export const POLICY: SupervisePolicy = {
  restart: 'always',
  minimumRun: 60_000,
  first: 10_000,
  most: 600_000,
  giveUpAfter: 3,
  killGrace: 30_000,
  isTold: false,
  hurryMs: 0,
  idleEnd: undefined,
  stop: { signal: 'TERM', to: 'all' },
  classify: ({ exit }) => (exit.status === '0' ? 'work-done' : 'transient'),
};
export const OK: UnitExit = { result: 'success', code: 'exited', status: '0' };
export const BAD: UnitExit = { result: 'exit-code', code: 'exited', status: '1' };

export const running = (generation: number): UnitSighting => ({
  slot: '00',
  generation,
  state: 'running',
  cpuMs: measured(0),
});
export const preparing = (generation: number): UnitSighting => ({
  slot: '00',
  generation,
  state: 'preparing',
});
export const ended = (generation: number, exit: UnitExit): UnitSighting => ({
  slot: '00',
  generation,
  state: 'ended',
  exit,
});

export const look = (
  state: SlotState,
  ms: number,
  {
    policy = {},
    ...more
  }: Partial<Omit<SuperviseInput, 'policy'>> & { policy?: Partial<SupervisePolicy> } = {},
) =>
  superviseSlot(state, {
    slot: '00',
    now: at(ms),
    lookedAt: undefined,
    sightings: [],
    answer: undefined,
    wish: 'work',
    leftMs: Number.POSITIVE_INFINITY,
    ...more,
    policy: { ...POLICY, ...policy },
    jitter: 1,
  });

export const RUNNING: SlotState = { state: 'running', generation: 1, since: T0, failures: 0 };
