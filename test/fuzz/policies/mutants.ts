import type { Context } from '../../../agent/context/schema.ts';
import { later } from '../../../agent/moment.ts';
import type { DecideOutput } from '../../../agent/monitor/decide.ts';
import { causesOf } from '../../../agent/monitor/drain-causes.ts';
import type { JudgeInput } from '../../../agent/monitor/judge.ts';
import type { Snapshot } from '../../../agent/monitor/snapshot.ts';
import type { MonitorState } from '../../../agent/monitor/state.ts';
import type { PilotAction } from '../../../agent/pilot/supervise.ts';
import { measured, NO_DATA, type Reading } from '../../../agent/reading.ts';
import type { Decide } from './world.ts';

/** The reducer, broken on purpose: a rule that does not notice is no rule. */
export interface Mutant {
  name: string;
  /** The rule that has to catch it. */
  breaks: string;
  breakIt(real: Decide): Decide;
}

const zeroIfFailed = (reading: Reading): Reading =>
  !reading.ok && reading.reason === 'failed' ? measured(0) : reading;

/** Sees something else than there is. */
const seeing =
  (change: (snapshot: Snapshot) => Partial<Snapshot>): Mutant['breakIt'] =>
  real =>
  input =>
    real({ ...input, snapshot: { ...input.snapshot, ...change(input.snapshot) } });

/** Remembers something else than there was. */
const remembering =
  (change: (state: MonitorState, input: JudgeInput) => MonitorState): Mutant['breakIt'] =>
  real =>
  input =>
    real({ ...input, state: change(input.state, input) });

const withoutEnding = ({ ending: _, ...rest }: MonitorState): MonitorState => rest;

const leavingOut =
  (isLeftOut: (action: PilotAction) => boolean): Mutant['breakIt'] =>
  real =>
  input => {
    const output = real(input);
    const actions = output.decision.actions.filter(action => !isLeftOut(action));
    return { ...output, decision: { ...output.decision, actions } };
  };

const isAlive = ({ state: { slots } }: DecideOutput): boolean =>
  Object.values(slots).some(({ state }) => state === 'running' || state === 'stopping');

const enforcing = (context: Context): Context => ({
  ...context,
  // Every policy has its mode in the same place, which the compiler cannot follow through the entries.
  policies: Object.fromEntries(
    Object.entries(context.policies).map(([name, settings]) => [
      name,
      typeof settings === 'object' && 'mode' in settings
        ? { ...settings, mode: 'enforce' }
        : settings,
    ]),
  ) as Context['policies'],
});

/** For each rule at least one. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a drain that no slot knows of',
    breaks: 'no-pilot-after-drain',
    breakIt: real => input => {
      const { ending } = input.state;
      if (ending?.kind !== 'drain') return real(input);
      const output = real({ ...input, state: withoutEnding(input.state) });
      return { ...output, state: { ...output.state, ending } };
    },
  },
  {
    name: 'a drain that no pilot is told of',
    breaks: 'no-payload-after-drain',
    breakIt: leavingOut(({ kind }) => kind === 'drain'),
  },
  {
    name: 'a drain without a drain file',
    breaks: 'no-payload-after-drain',
    breakIt: real => input => {
      const output = real(input);
      return { ...output, decision: { ...output.decision, shutdown: undefined } };
    },
  },
  {
    name: 'starts that no disk knows of',
    breaks: 'nothing-twice',
    breakIt: seeing(() => ({ canPersist: true })),
  },
  {
    name: 'units that are not looked at',
    breaks: 'nothing-twice',
    breakIt: seeing(() => ({ sightings: [] })),
  },
  {
    name: 'an undrain that takes a halt back',
    breaks: 'halt-is-remembered',
    breakIt: remembering((state, { snapshot }) =>
      state.ending?.kind === 'halt' && snapshot.orders.some(({ kind }) => kind === 'undrain')
        ? withoutEnding(state)
        : state,
    ),
  },
  {
    name: 'a latch that is not read',
    breaks: 'halt-is-remembered',
    breakIt: remembering((state, { snapshot }) =>
      snapshot.lookedAt === undefined ? withoutEnding(state) : state,
    ),
  },
  {
    name: 'a drain that begins anew at every look',
    breaks: 'drain-is-remembered',
    breakIt: real => input => {
      const output = real(input);
      const { ending } = output.state;
      if (ending?.kind !== 'drain') return output;
      const deadline = later(input.snapshot.now, 60_000);
      const causes = causesOf(ending).map(cause => ({ ...cause, deadline }));
      return { ...output, state: { ...output.state, ending: { ...ending, deadline, causes } } };
    },
  },
  {
    name: 'a drain that is forgotten at a restart',
    breaks: 'drain-is-remembered',
    breakIt: remembering((state, { snapshot }) =>
      state.ending?.kind === 'drain' && snapshot.lookedAt === undefined
        ? withoutEnding(state)
        : state,
    ),
  },
  {
    name: 'zero load that asks no pilot',
    breaks: 'busy-is-spared',
    breakIt: seeing(({ readings: { gpus: _, ...readings } }) => ({
      readings: { ...readings, payloads: NO_DATA },
      answers: new Map(),
    })),
  },
  {
    name: 'no payloads where nothing is known of any',
    breaks: 'busy-is-spared',
    breakIt: seeing(({ readings }) => ({
      readings: { ...readings, payloads: readings.payloads.ok ? readings.payloads : measured(0) },
    })),
  },
  {
    name: 'failed readings as zero',
    breaks: 'failed-is-no-ground',
    breakIt: seeing(({ readings }) => ({
      readings: {
        ...readings,
        load: zeroIfFailed(readings.load),
        payloads: zeroIfFailed(readings.payloads),
      },
    })),
  },
  {
    name: 'no KILL',
    breaks: 'steps-are-bounded',
    breakIt: leavingOut(action => action.kind === 'signal' && action.signal === 'KILL'),
  },
  {
    name: 'a halt that waits for what cannot be killed',
    breaks: 'steps-are-bounded',
    breakIt: real => input => {
      const output = real(input);
      const finish = output.decision.finish && !isAlive(output);
      return { ...output, decision: { ...output.decision, finish } };
    },
  },
  {
    name: 'a hold that begins anew at every look',
    breaks: 'steps-are-bounded',
    breakIt: remembering((state, { snapshot: { now } }) =>
      state.hold === undefined ? state : { ...state, hold: { ...state.hold, since: now } },
    ),
  },
  {
    name: "a life that is as long as its agent's",
    breaks: 'ends-by-hard-end',
    breakIt: remembering((state, { snapshot: { now, lookedAt } }) =>
      lookedAt === undefined ? { ...state, firstStart: now } : state,
    ),
  },
  {
    name: 'ages by the wall clock',
    breaks: 'ends-by-hard-end',
    breakIt: seeing(({ now }) => ({ now: { ...now, bootId: 'another' } })),
  },
  {
    name: 'observing as good as enforcing',
    breaks: 'observe-changes-nothing',
    breakIt: real => input => real({ ...input, context: enforcing(input.context) }),
  },
  {
    name: 'a lease that ends by half',
    breaks: 'busy-is-spared',
    breakIt: real => input => {
      const { policies } = input.context;
      const { lease } = policies.lostReceiver;
      if (lease === undefined) return real(input);
      const lostReceiver = { ...policies.lostReceiver, lease: lease / 2, drainBefore: 0 };
      return real({
        ...input,
        context: { ...input.context, policies: { ...policies, lostReceiver } },
      });
    },
  },
  {
    name: 'notices of a cloud that cannot be asked as withdrawn',
    breaks: 'drain-is-remembered',
    breakIt: seeing(({ notices = [], noticeTroubles = [] }) => ({
      notices: noticeTroubles.length > 0 ? [] : notices,
      noticeTroubles: [],
    })),
  },
  {
    name: 'advice as good as a notice',
    breaks: 'busy-is-spared',
    breakIt: seeing(({ notices = [] }) => ({
      notices: notices.map(notice => ({ ...notice, kind: 'preempt' })),
    })),
  },
  {
    name: 'orders as they come',
    breaks: 'orders-in-any-order',
    breakIt: seeing(({ orders }) => ({
      orders: orders.map(order => ({ ...order, id: `no-uuid-${order.id}` })),
    })),
  },
  {
    name: 'orders that are not remembered',
    breaks: 'orders-once',
    breakIt: remembering(state => ({ ...state, handled: [] })),
  },
];
