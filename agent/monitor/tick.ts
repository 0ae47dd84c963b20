import { createHash } from 'node:crypto';
import { messageOf } from '../../platform/errors.ts';
import type { Directive } from '../../protocol/directive.ts';
import type { ClockOffset } from '../clock-offset.ts';
import type { Context } from '../context/schema.ts';
import { createUserQuotas } from '../disks/user-quotas.ts';
import type { MachineId } from '../machine.ts';
import { elapsedMs, type Moment } from '../moment.ts';
import { createNow } from '../now.ts';
import { standIdleClocks } from '../pilot/idle-end.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import { isAlive } from '../pilot/slot-state.ts';
import type { Slot } from '../pilot/slots.ts';
import type { UnitName } from '../pilot/unit/unit.ts';
import { unitId } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import type { UplinkCourse, VmReport } from '../uplink/uplink.ts';
import { createActuator } from './actuator.ts';
import { createCollectEvidence } from './collect-evidence.ts';
import { type Decision, decide } from './decide.ts';
import { endedRuns } from './ended-runs.ts';
import type { Errands } from './errands.ts';
import { createFeaturesWriter } from './features-writer.ts';
import { hardEndOf, latestEndOf } from './hard-end.ts';
import { createInbox } from './inbox.ts';
import type { Windows } from './judge.ts';
import { createMemory } from './memory.ts';
import { createObserve, NOTHING_SEEN, type Observation } from './observe.ts';
import { paceNow } from './orders/pace.ts';
import { createOwnLogs } from './own-logs.ts';
import { createPilotHands } from './pilot-hands.ts';
import { createDescribeRun } from './pilot-runs.ts';
import { describePilots, type PilotStatus, reportPilots } from './pilot-status.ts';
import { withoutSystemStop } from './policy/system-stop.ts';
import { preparationOf } from './preparation-of.ts';
import { createReadAnswers } from './readings/answers.ts';
import { createReceiverWord } from './receiver-word.ts';
import { createRepairs } from './repairs.ts';
import { createScratchBounds, type ScratchBounds } from './scratch-bounds.ts';
import { shutdownMessageOf } from './shutdown-message.ts';
import type { LifeLeft, Snapshot } from './snapshot.ts';
import type { MonitorState } from './state.ts';
import { readLastLook } from './status.ts';
import { createStuckWatch } from './stuck.ts';
import { tickIntervalMs } from './tick-interval.ts';
import { tellReadings } from './told-readings.ts';

/** What the contextualization has come to, with the context that the policies go by. */
export type Prepared =
  | { state: 'pending' | 'failed'; reason: string; context: Context }
  | { state: 'done'; context: Context; slots: Slot[] };

/** The monitor: looks, decides, acts and remembers, one tick at a time. */
export interface Monitor {
  /** Reads what was remembered; before it nothing ticks. */
  load(): Promise<void>;
  /** @returns true once everything has ended and only the farewell is left */
  tick(): Promise<boolean>;
  prepared(prepared: Prepared): void;
  obey(directives: readonly Directive[]): void;
  report(): VmReport;
  /** What `status` shows beside the report. */
  insight(): {
    now: Moment;
    ending: MonitorState['ending'];
    turns: MonitorState['turns'];
    orders: MonitorState['handled'];
    ticks: number;
    /** Who holds slots to their scratch, on a real machine. */
    scratch?: ScratchBounds['by'];
    pilots: PilotStatus[];
  };
  /** ms between two heartbeats, where somebody has ordered that. */
  paceMs(): number | undefined;
  /** By when this VM is to have ended, whatever happens; `undefined` while its context is not known. */
  latestEnd(): Moment | undefined;
  /** The run that is alive in a slot; `undefined` where there is none. */
  runOf(slot: string): Promise<PilotRun | undefined>;
  /** What the link to the receiver tells it, and is told by it. */
  readonly course: UplinkCourse;
  /** No tick comes after it: what is being fetched for a pilot is given up. */
  stop(): Promise<void>;
  /** ms until the next tick: short while something is about to end. */
  intervalMs(): number;
}

export interface MonitorEvents {
  /** The VM's phase, or a pilot's, is another than before, or an order has been obeyed. */
  changed(decision: Decision): void;
  /** How long credentials still live; asked at every look. */
  credentialLives?(): readonly LifeLeft[] | undefined;
  /** A run ended as it should not. */
  endedBadly?(unit: UnitName): void;
  /** Asked at every look: what the receiver's answers have told of this clock. */
  clockOffset?(): ClockOffset | undefined;
  /** What is known from outside, for the next snapshot. */
  outside?(): Pick<Snapshot, 'notices' | 'noticeTroubles' | 'systemStop'>;
}

const SHOWN_ORDERS = 10;

/** From 0 to 1, always the same for one VM. */
export const spreadOf = (instanceId: string): number =>
  createHash('sha256').update(instanceId).digest().readUInt32BE(0) / 2 ** 32;

/** @param unprepared what holds until the contextualization has come to something */
export const createMonitor = (
  ports: AgentPorts,
  machine: MachineId,
  unprepared: Prepared,
  events: MonitorEvents,
  errands: Errands,
): Monitor => {
  const { clock, files, log, random } = ports;
  const memory = createMemory(ports, machine.instanceId);
  const inbox = createInbox(files, log);
  const features = createFeaturesWriter(ports);
  const describeRun = createDescribeRun(ports, machine.instanceId);
  const hands = createPilotHands(ports, ports.kind !== 'folder');
  const readAnswers = createReadAnswers(ports, hands, describeRun);
  const observe = createObserve(ports, readAnswers, events.clockOffset);
  const ownLogs = createOwnLogs(ports, hands, describeRun, ports.kind !== 'folder');
  // Where a folder stands for the machine, its filesystem is somebody else's.
  const bounds =
    ports.kind === 'folder'
      ? undefined
      : createScratchBounds(ports, createUserQuotas(files, ports.exec));
  const actuator = createActuator(ports, hands, describeRun, bounds);
  const watch = createStuckWatch(
    ports,
    createCollectEvidence(ports, slot => runOf(slot)),
  );
  const spread = spreadOf(machine.instanceId);
  const now = createNow(clock, machine.bootId);

  /** A VM is as old as its boot at least, even where the state is lost; a folder begins with its agent. */
  const firstStart = (): Moment => {
    const { bootId, monotonicMs, wallMs } = now();
    const ageMs = ports.kind === 'systemd' ? monotonicMs : 0;
    return { bootId, monotonicMs: monotonicMs - ageMs, wallMs: wallMs - ageMs };
  };

  const course = createReceiverWord(now, () => prepared.context);
  const repairs = createRepairs(ports);
  let prepared = unprepared;
  let state: MonitorState | undefined;
  let windows: Windows = {};
  let canPersist = true;
  let seen: Observation = NOTHING_SEEN;
  let last: Decision | undefined;
  let ticks = 0;
  let lookedAt: Moment | undefined;
  let changes = '';

  const slots = (): readonly Slot[] => (prepared.state === 'done' ? prepared.slots : []);
  const remembered = (): MonitorState => {
    if (state === undefined) throw new Error('the monitor was used before it was loaded');
    return state;
  };

  const lookAt = (current: MonitorState) => ({
    ...{ state: current, planned: slots(), seen, now: now() },
    killGrace: prepared.context.ending.killGrace,
  });

  const runOf: Monitor['runOf'] = async name => {
    const slot = slots().find(each => each.name === name);
    const pilot = remembered().slots[name];
    if (slot === undefined || pilot === undefined || !isAlive(pilot)) return undefined;
    const { context } = prepared;
    const unit = { slot: name, generation: pilot.generation };
    return describeRun(unit, slot, context, hardEndOf(remembered(), context));
  };

  const noteChange = (decision: Decision, next: MonitorState): void => {
    const pilots = Object.entries(next.slots).map(
      ([slot, { state, generation }]) => `${slot}.${generation} ${state}`,
    );
    const { phase, reason } = decision;
    const current = JSON.stringify([phase, reason, pilots, next.handled.at(-1)?.id]);
    if (current === changes) return;
    changes = current;
    events.changed(decision);
  };

  return {
    load: async () => {
      const loaded = await memory.load(firstStart());
      const kept = withoutSystemStop(loaded, now());
      state = { ...kept, slots: standIdleClocks(kept.slots, await readLastLook(files)) };
      course.recall(kept.plans ?? []);
    },
    prepared: result => {
      prepared = result;
    },
    obey: directives => inbox.put(directives, now()),
    tick: async () => {
      const at = now();
      const { context } = prepared;
      const hardEnd = hardEndOf(remembered(), context);
      // Before the look: what has come to be meanwhile is seen there.
      const preparing = actuator.preparing();
      seen = await observe(at, { context, slots: slots(), hardEnd });
      const orders = await inbox.read(at);
      const snapshot = {
        now: at,
        lookedAt,
        preparation: preparationOf(prepared),
        readings: seen.readings,
        sightings: [...seen.sightings, ...actuator.takeFailedStarts(), ...preparing],
        answers: seen.answers,
        offences: await bounds?.look(slots(), context, at),
        stuck: await watch.look(seen, remembered().slots, slots(), context, at),
        ...course.look(),
        credentialLives: events.credentialLives?.(),
        orders,
        errandEnds: errands.ends(),
        boot: machine.boot,
        ...events.outside?.(),
        canPersist,
        jitter: random(),
      };
      const output = decide({
        state: remembered(),
        windows,
        snapshot,
        context: prepared.context,
        spread,
      });
      for (const { unit, exit, vac, isBad } of endedRuns(remembered().slots, output.state.slots)) {
        log.info({ unit: unitId(unit), exit, vac }, 'pilot ended');
        if (isBad) void ownLogs.last(unit).then(() => events.endedBadly?.(unit));
      }
      lookedAt = at;
      state = output.state;
      windows = output.windows;
      last = output.decision;
      const { preparation } = snapshot;
      // What lies in memory is written while the disk is waited for; an agent that fails in between tells anew.
      [canPersist] = await Promise.all([
        memory.save(output.state),
        features.tell({ state, preparation, now: at, context: prepared.context }),
      ]);
      // A start that could not be written down might be made twice, so it is not made.
      const actions = canPersist
        ? last.actions
        : last.actions.filter(({ kind }) => kind !== 'start');
      await actuator.actuate({ ...last, actions }, at, prepared.context, slots());
      if (canPersist) errands.begin(output.state.errands ?? []);
      repairs.want(last.repairs, context);
      ownLogs.look(seen.sightings, { context, slots: slots(), hardEnd });
      await inbox
        .settle(orders)
        .catch((error: unknown) =>
          log.warn({ error: messageOf(error) }, 'orders stay in the inbox'),
        );
      ticks += 1;
      noteChange(last, output.state);
      return last.finish;
    },
    report: () => ({
      state: last?.phase ?? 'contextualizing',
      reason: (last?.reason ?? '').slice(0, 1000),
      uptimeMs: Math.round(
        ports.kind === 'systemd' || state === undefined
          ? clock.monotonicMs()
          : elapsedMs(state.firstStart, now()),
      ),
      ...tellReadings(seen.readings),
      pilots: state === undefined ? [] : reportPilots(lookAt(state)),
      verdicts: last?.verdicts ?? [],
      ...(state === undefined || last?.finish !== true
        ? {}
        : { shutdownMessage: shutdownMessageOf(state) }),
      acknowledged: (state?.handled ?? []).filter(({ id }) => !id.startsWith('local-')),
    }),
    insight: () => ({
      now: now(),
      ending: state?.ending,
      turns: state?.turns ?? [],
      orders: (state?.handled ?? []).slice(-SHOWN_ORDERS),
      ticks,
      ...(bounds === undefined ? {} : { scratch: bounds.by }),
      pilots: state === undefined ? [] : describePilots(lookAt(state)),
    }),
    latestEnd: () =>
      prepared.state === 'done' ? latestEndOf(remembered(), prepared.context) : undefined,
    runOf,
    paceMs: () => paceNow(state?.pace, now()),
    course,
    stop: async () => void (await Promise.all([actuator.stop(), errands.stop(), repairs.stop()])),
    intervalMs: () => tickIntervalMs(remembered(), prepared.context.monitor.tick),
  };
};
