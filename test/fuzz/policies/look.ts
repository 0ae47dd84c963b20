import { remainingMs } from '../../../agent/moment.ts';
import type { DecideOutput } from '../../../agent/monitor/decide.ts';
import type { JudgeInput } from '../../../agent/monitor/judge.ts';
import type { Order } from '../../../agent/monitor/order.ts';
import type { Snapshot } from '../../../agent/monitor/snapshot.ts';
import type { PilotAction } from '../../../agent/pilot/supervise.ts';
import { actOn, startPilot } from './pilot.ts';
import { mix } from './random.ts';
import { seeWorld } from './readings.ts';
import { type Decide, momentOf, preparedOf, type World } from './world.ts';

/** One look of the agent with what came of it, before anything of it is done: what the rules are held against. */
export interface Look {
  world: World;
  input: JudgeInput;
  output: DecideOutput;
  decide: Decide;
}

/** Orders as they were meant, by whoever gave them. One that was obeyed before means nothing any more. */
const hear = (world: World, orders: readonly Order[]): void => {
  const { told, dealtWith, nowMs } = world;
  told.isUndrained = false;
  const heard = new Set(dealtWith);
  for (const order of orders) {
    const isOver =
      order.expiresAt !== undefined && remainingMs(order.expiresAt, momentOf(world)) <= 0;
    if (heard.has(order.id)) continue;
    heard.add(order.id);
    if (isOver) continue;
    if (order.kind === 'halt') told.isHalted = true;
    if (order.kind === 'end-pilot') told.ends.add(order.pilot ?? '');
    if (order.kind === 'drain' && order.id > told.undrainedBy) {
      const usual = preparedOf(world).context.ending.drainDeadline;
      const givenMs = nowMs + remainingMs(order.receivedAt, momentOf(world));
      told.drains.set(order.id, givenMs + (order.deadlineMs ?? usual));
    }
    if (order.kind === 'undrain') {
      told.isUndrained = true;
      for (const id of [...told.drains.keys()]) if (id < order.id) told.drains.delete(id);
      if (order.id > told.undrainedBy) told.undrainedBy = order.id;
    }
  }
};

/** What the receiver told by now, and the life of the credential, where somebody knows of it. */
const hearReceiver = (world: World): Pick<Snapshot, 'heardAt' | 'plans' | 'credentialLives'> => {
  const { receiver, nowMs, credentialEndsMs, agent } = world;
  if (!receiver.isSilent) {
    receiver.heardMs = nowMs;
    receiver.heardAt = momentOf(world);
    receiver.told = receiver.plans;
  }
  const isKnown = agent.looksUnprepared === 0 && Number.isFinite(credentialEndsMs);
  return {
    heardAt: receiver.heardAt,
    plans: receiver.told,
    credentialLives: isKnown ? [{ name: 'pool', leftMs: credentialEndsMs - nowMs }] : undefined,
  };
};

/** What is announced of the end of this VM, and by whom. */
const hearNotices = ({
  notices,
  systemStop,
  bootCause,
}: World): Pick<Snapshot, 'notices' | 'noticeTroubles' | 'systemStop' | 'boot'> => {
  if (notices.canBeAsked) notices.told = notices.given;
  return {
    ...(notices.told === undefined ? {} : { notices: notices.told }),
    noticeTroubles: notices.canBeAsked ? [] : ['the cloud cannot be asked'],
    ...(systemStop === undefined ? {} : { systemStop }),
    boot: bootCause,
  };
};

/** The agent looks and decides; nothing is done yet. */
export const look = (world: World, decide: Decide): Look => {
  const { agent, setting, waiting, offences } = world;
  const { preparation, context } = preparedOf(world);
  const { readings, sightings, answers } = seeWorld(world);
  if (waiting.length > 0) hear(world, waiting);
  else world.told.isUndrained = false;
  const input: JudgeInput = {
    state: agent.state,
    windows: agent.windows,
    context,
    spread: setting.spread,
    snapshot: {
      now: momentOf(world),
      lookedAt: agent.lookedAt,
      preparation,
      readings,
      sightings,
      answers,
      offences,
      ...hearReceiver(world),
      ...hearNotices(world),
      orders: waiting,
      canPersist: agent.canPersist,
      jitter: mix(world.seed, world.nowMs) / 2 ** 32,
    },
  };
  return { world, input, output: decide(input), decide };
};

const act = (world: World, action: PilotAction): void => {
  const { pilots, nowMs, seed, setting } = world;
  if (action.kind === 'start') {
    pilots.set(action.slot, startPilot(action, nowMs, { seed, isTold: setting.isTold }));
    return;
  }
  const pilot = pilots.get(action.slot);
  if (pilot?.generation === action.generation) actOn(pilot, action, nowMs);
};

/** What was decided is written down, then done, as a tick of the agent does it. */
export const carryOut = (world: World, { state, windows, decision }: DecideOutput): void => {
  const { agent } = world;
  agent.lookedAt = momentOf(world);
  agent.state = state;
  agent.windows = windows;
  agent.latched = state.ending;
  agent.canPersist = !world.isDiskFull;
  if (agent.canPersist) agent.stored = state;
  if (world.dies === undefined) {
    world.isDrainFileThere = decision.shutdown !== undefined;
    for (const action of decision.actions)
      if (action.kind !== 'start' || agent.canPersist) act(world, action);
  }
  for (const { id } of world.waiting) world.dealtWith.add(id);
  world.waiting = [];
  world.offences = new Map();
  world.begun = [];
  if (agent.looksUnprepared > 0) agent.looksUnprepared -= 1;
  world.usedCoreMs = 0;
  world.movedBytes = 0;
  world.lastLookMs = world.nowMs;
};
