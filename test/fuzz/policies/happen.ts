import * as v from 'valibot';
import { elapsedMs, later } from '../../../agent/moment.ts';
import type { KeptPlan } from '../../../agent/monitor/kept-plan.ts';
import type { Notice } from '../../../agent/monitor/notices/notice.ts';
import type { Order } from '../../../agent/monitor/order.ts';
import { withoutSystemStop } from '../../../agent/monitor/policy/system-stop.ts';
import { MonitorState } from '../../../agent/monitor/state.ts';
import type { Happening, Happens, Work } from './happening.ts';
import { endByItself, isUp, type Pilot, passTime } from './pilot.ts';
import { countWork } from './readings.ts';
import { momentOf, type World } from './world.ts';

const slotOf = ({ setting: { slots } }: World, slot: number): string =>
  slots[slot % slots.length]?.name ?? '';

const pilotOf = (world: World, slot: number): Pilot | undefined =>
  world.pilots.get(slotOf(world, slot));

/** True if no pilot of its kind, or none of its nature, would take a payload now. */
const refuses = ({ setting, isDrainFileThere }: World, pilot: Pilot): boolean =>
  setting.isTold ? pilot.isDraining : pilot.nature.heedsFile && isDrainFileThere;

/** Of work that nothing can tell no rule could ask anything. */
const isSeen = ({ setting }: World, { nature }: Pilot, work: Work): boolean => {
  if (work === 'gpu') return setting.hasGpus;
  if (work === 'moves') return setting.isMeasured;
  return work !== 'waits' || nature.speaks;
};

const startPayload = (world: World, { slot, work, count }: Happens<'payload starts'>): void => {
  const pilot = pilotOf(world, slot);
  if (pilot === undefined || !isUp(pilot) || pilot.isEnding || refuses(world, pilot)) return;
  const seen = isSeen(world, pilot, work) ? work : 'cpu';
  if (pilot.payloads === 0 || pilot.work !== seen) pilot.busySinceMs = world.nowMs;
  pilot.work = seen;
  pilot.payloads = count;
  pilot.payloadsStarted += count;
  world.begun.push(pilot);
};

/** As UUIDs of version 7 tell which was given first. */
const orderId = (count: number): string =>
  `00000000-0000-7000-8000-${count.toString(16).padStart(12, '0')}`;

const give = (world: World, happening: Happens<'order'>): void => {
  const { kind, deadlineMs, mode, isLate, isHeldBack, slot, restart } = happening;
  const now = momentOf(world);
  const order: Order = {
    id: orderId(world.given.length),
    source: 'receiver',
    kind,
    reason: '',
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(mode === undefined ? {} : { mode }),
    ...(slot === undefined ? {} : { pilot: slotOf(world, slot) }),
    ...(restart === undefined ? {} : { restart }),
    receivedAt: now,
    expiresAt: later(now, isLate ? 0 : 600_000),
  };
  world.given.push(order);
  if (!isHeldBack) world.waiting.push(order);
};

const giveAgain = (world: World, back: number): void => {
  const order = world.given.at(-1 - back);
  // One that waits already is not taken twice.
  if (order === undefined || world.waiting.some(({ id }) => id === order.id)) return;
  world.waiting.push({ ...order, receivedAt: momentOf(world) });
};

/** What the next agent finds of what the last one wrote; read back as it is from a disk. */
export const restartAgent = (
  world: World,
  { looks, isBroken, forgets }: Omit<Happens<'agent restarts'>, 'what' | 'afterMs'>,
): void => {
  const { agent, pilots } = world;
  // What was still fetched for a pilot is gone with the agent.
  for (const [slot, { isBorn, nature }] of pilots)
    if (!isBorn && nature.isFetched) pilots.delete(slot);
  // A unit of the same name that is being made is met by the next start, which fails.
  const isQuiet = [...pilots.values()].every(({ isBorn }) => isBorn);
  const { ending: _, ...stored } =
    forgets && isQuiet
      ? { ...agent.stored, slots: {}, handled: [], turns: [], hold: undefined }
      : agent.stored;
  const ending = agent.latched;
  const text = JSON.stringify({ ...stored, ...(ending === undefined ? {} : { ending }) });
  agent.state = v.parse(MonitorState, JSON.parse(text));
  agent.stored = agent.state;
  const known = new Set(agent.state.handled.map(({ id }) => id));
  world.dealtWith = new Set([...world.dealtWith].filter(id => known.has(id)));
  world.told.undrainedBy = agent.state.undrained?.receiver ?? '';
  // Where the disk was full, the agent knows of no later time at which it was heard.
  const { heardAt, firstStart } = agent.state;
  const silentMs = elapsedMs(heardAt ?? firstStart, momentOf(world));
  world.receiver.heardMs = Math.min(world.receiver.heardMs, world.nowMs - silentMs);
  agent.windows = {};
  world.receiver.heardAt = undefined;
  world.receiver.told = undefined;
  world.notices.told = undefined;
  agent.lookedAt = undefined;
  agent.canPersist = true;
  agent.looksUnprepared = looks;
  agent.isBroken = isBroken;
};

/** Nothing in memory outlives it; the clock is right again. */
const reboot = (world: World, { cause }: Happens<'machine reboots'>): void => {
  world.boots += 1;
  world.bootedAtMs = world.nowMs;
  world.clockOffMs = 0;
  world.pilots.clear();
  world.loadAverage = 0;
  world.isDrainFileThere = false;
  world.waiting = [];
  // Moments of a boot before tell no time in this one; the receiver tells its plans anew.
  world.receiver.plans = [];
  world.receiver.isSilent = false;
  world.notices.given = [];
  world.systemStop = undefined;
  world.bootCause = cause;
  restartAgent(world, { looks: 1, isBroken: false, forgets: false });
  const { agent } = world;
  agent.state = withoutSystemStop(agent.state, momentOf(world));
};

const planOf = (
  world: World,
  { kind, startsInMs, endsInMs }: Happens<'receiver plans'>,
): KeptPlan => {
  const now = momentOf(world);
  return {
    ...{ kind, from: later(now, startsInMs), reason: '' },
    ...(endsInMs === undefined ? {} : { until: later(now, endsInMs) }),
  };
};

const noticeOf = (world: World, { kind, deadlineMs }: Happens<'notice'>): Notice => {
  const deadline = deadlineMs === undefined ? {} : { deadline: later(momentOf(world), deadlineMs) };
  const id = `notice-${world.nowMs}`;
  return { id, source: 'cloud', kind, because: '', ...(kind === 'preempt' ? deadline : {}) };
};

/** Time passes, then it happens. */
export const happen = (world: World, happening: Happening): void => {
  world.nowMs += happening.afterMs;
  countWork(world, happening.afterMs);
  for (const pilot of world.pilots.values()) passTime(pilot, world.nowMs);
  switch (happening.what) {
    case 'nothing':
      break;
    case 'order':
      give(world, happening);
      break;
    case 'order again':
      giveAgain(world, happening.back);
      break;
    case 'payload starts':
      startPayload(world, happening);
      break;
    case 'payloads end': {
      const pilot = pilotOf(world, happening.slot);
      if (pilot !== undefined) pilot.payloads = 0;
      break;
    }
    case 'pilot ends': {
      const pilot = pilotOf(world, happening.slot);
      if (pilot !== undefined) endByItself(pilot, world.nowMs, happening.well);
      break;
    }
    case 'pilot offends': {
      const pilot = pilotOf(world, happening.slot);
      if (pilot !== undefined && isUp(pilot)) world.offences.set(pilot.slot, 'it is stuck');
      break;
    }
    case 'reading fails':
      world.faults.add(happening.of);
      break;
    case 'readings mended':
      world.faults.clear();
      break;
    case 'node falls ill':
      world.ills.add(happening.of);
      break;
    case 'node is well':
      world.ills.clear();
      break;
    case 'receiver falls silent':
      world.receiver.isSilent = true;
      break;
    case 'receiver is heard':
      world.receiver.isSilent = false;
      break;
    case 'receiver plans':
      world.receiver.plans = [...world.receiver.plans, planOf(world, happening)];
      break;
    case 'plans are withdrawn':
      world.receiver.plans = [];
      break;
    case 'credential':
      world.credentialEndsMs = world.nowMs + happening.leftMs;
      break;
    case 'notice':
      world.notices.given = [...world.notices.given, noticeOf(world, happening)];
      break;
    case 'notices are withdrawn':
      world.notices.given = [];
      break;
    case 'notices cannot be asked':
      world.notices.canBeAsked = false;
      break;
    case 'notices can be asked':
      world.notices.canBeAsked = true;
      break;
    case 'system stops':
      world.systemStop ??= later(momentOf(world), happening.leftMs);
      break;
    case 'agent dies':
      world.dies = happening.before;
      break;
    case 'disk full':
      world.isDiskFull = true;
      break;
    case 'disk mended':
      world.isDiskFull = false;
      break;
    case 'clock steps':
      // Ages are by the wall clock in a later boot, of which there is nothing else.
      if (world.boots === 0) world.clockOffMs += happening.byMs;
      break;
    case 'agent restarts':
      restartAgent(world, happening);
      break;
    case 'machine reboots':
      reboot(world, happening);
      break;
  }
};
