import { messageOf, PilotageError } from '../../platform/errors.ts';
import { waitAtMost } from '../../platform/with-deadline.ts';
import { type Directive, isPeek } from '../../protocol/directive.ts';
import { DEFAULT_CONTEXT, type Lifeline } from '../context/schema.ts';
import type { SourceOptions } from '../context/sources/source.ts';
import { summarizeLives } from '../credentials/describe-life.ts';
import { createLogStore } from '../logs/log-store.ts';
import { asLearnt, type MachineId } from '../machine.ts';
import type { Decision } from '../monitor/decide.ts';
import { createErrands } from '../monitor/errands.ts';
import { writeStatus } from '../monitor/status.ts';
import { createMonitor, type Monitor, type Prepared } from '../monitor/tick.ts';
import { PATHS } from '../paths.ts';
import type { UnitName } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import { type Connection, connect } from '../uplink/connect.ts';
import type { LogRing } from '../uplink/log-ring.ts';
import type { VmReport } from '../uplink/uplink.ts';
import { createCloudTeller } from './cloud-teller.ts';
import { createContextWork } from './context-work.ts';
import { createErrandHands } from './create-errand-hands.ts';
import { createPilotPeeker } from './create-pilot-peeker.ts';
import { createDeadMan, tickBoundMs } from './dead-man.ts';
import { endVm } from './end-vm.ts';
import { leaveShutdownMessage } from './leave-message.ts';
import type { Preparer } from './prepare.ts';
import type { SystemStop } from './system-stop.ts';
import { createEndWatch } from './watch-end.ts';
import type { Watchdog } from './watchdog.ts';

export interface AgentParts {
  ports: AgentPorts;
  machine: MachineId;
  preparer: Preparer;
  watchdog: Watchdog;
  /** Comes with the end of the whole system. */
  systemStop: Pick<SystemStop, 'stopping' | 'leftMs'>;
  /** Where metadata services are. */
  metadata: SourceOptions;
  ring: LogRing;
  version: string;
  /** Lines for the VM's console, for whoever has nothing else. */
  announce: (line: string) => Promise<void>;
}

/** How an agent's run ended. */
export type AgentEnd = 'powered-off' | 'stopped';

/**
 * The agent of one VM: the monitor's loop from the first moment on, the contextualization and the
 * heartbeats beside it. It ends when the VM is powered off or when the signal comes; the pilots then
 * go on, and the next agent finds them.
 */
export const runAgent = async (parts: AgentParts, signal: AbortSignal): Promise<AgentEnd> => {
  const { ports, machine, preparer, watchdog, ring, version, announce } = parts;
  const { clock, files, http, log, power } = ports;
  const stop = new AbortController();
  const stopping = AbortSignal.any([signal, stop.signal]);
  let connection: Connection | undefined;
  let uplinkLoop: Promise<void> = Promise.resolve();
  let preparing: Promise<void> = Promise.resolve();
  let linking: Promise<unknown> = Promise.resolve();
  const deadMan = createDeadMan(ports, machine.bootId);
  const cloud = createCloudTeller(files, machine.bootId);
  const logs = createLogStore({ files, sparse: ports.sparse, log });
  let wake = new AbortController();
  let phase = '';
  let isOver = false;

  const changed = ({ phase: next, reason }: Decision): void => {
    connection?.uplink.nudge();
    if (next === phase) return;
    phase = next;
    const told = reason === '' ? next : `${next}: ${reason}`;
    log.info({ phase: next, reason }, 'phase');
    void tell('the console', () => announce(told));
  };
  const endedBadly = (unit: UnitName): void =>
    void tell('noting a bad end', async () => void (await connection?.uplink.wantLogs(unit)));
  const askReceiver = (name: string, asking: AbortSignal) => {
    if (connection === undefined)
      throw new PilotageError('not-running', 'the context names no receiver');
    return connection.uplink.credential(name, asking);
  };
  const nudge = (): void => connection?.uplink.nudge();
  const work = createContextWork(ports, { machine, logs, askReceiver, nudge }, stopping);

  const takeUp = (prepared: Prepared): void => {
    work.takeUp(prepared);
    cloud.heed(prepared.context.ending);
    ends.takeUp(prepared);
    monitor.prepared(prepared);
    wake.abort();
  };
  const errands = createErrands(
    ports,
    createErrandHands(ports, {
      ...{ ring, preparer, takeUp, prepared: work.prepared, preparing: () => preparing },
      monitor: () => monitor,
      uplink: () => connection?.uplink,
    }),
    () => wake.abort(),
  );
  const monitor: Monitor = createMonitor(
    ports,
    machine,
    { state: 'pending', reason: '', context: DEFAULT_CONTEXT },
    {
      ...{ changed, endedBadly, credentialLives: () => work.lives() },
      outside: () => ends.told(),
      clockOffset: () => connection?.uplink.clockOffset(),
    },
    errands,
  );
  const ends = createEndWatch(ports, { ...parts, changed: () => wake.abort() });

  const peeker = createPilotPeeker(ports, {
    monitor,
    allowed: work.peekable,
    answer: async (id, answer, asking) => connection?.uplink.peeked(id, answer, asking),
    acknowledged: nudge,
  });

  const obey = (directives: readonly Directive[]): void => {
    peeker.obey(directives.filter(isPeek));
    const orders = directives.filter(directive => !isPeek(directive));
    if (orders.length === 0) return;
    monitor.obey(orders);
    wake.abort();
  };

  /** What the monitor reports, with a line on the credentials beside its policies' verdicts. */
  const report = (): VmReport => {
    const monitored = monitor.report();
    const acknowledged = [...monitored.acknowledged, ...peeker.acknowledgements()];
    const told = { ...monitored, acknowledged, ...cloud.told() };
    const lives = work.lives() ?? [];
    if (lives.length === 0) return told;
    const because = summarizeLives(lives).slice(0, 1000);
    const verdict = { policy: 'credentials', action: 'none' as const, because };
    return { ...told, verdicts: [...told.verdicts, verdict] };
  };

  const link = async (lifeline: Lifeline): Promise<void> => {
    const known = await asLearnt(files, machine);
    await cloud.learn();
    if (stopping.aborted) return;
    connection = connect(ports, {
      ...{ lifeline, machine: known, version, ring, logs, http },
      ...{ report, obey, offered: work.offered, pace: monitor.paceMs, course: monitor.course },
    });
    if (connection === undefined) log.warn({}, 'the context names no receiver; working alone');
    else uplinkLoop = connection.uplink.run(stopping);
  };

  /** @returns how long to hold a VM that cannot work, ms */
  const linkUp = async (): Promise<number> => {
    try {
      const lifeline = await preparer.lifeline(stopping);
      await link(lifeline);
      return lifeline.hold;
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the lifeline to the receiver cannot be understood');
      return DEFAULT_CONTEXT.hold;
    }
  };

  const prepare = async (): Promise<void> => {
    const linked = linkUp();
    linking = linked;
    const hold = await linked;
    if (stopping.aborted) return;
    const prepared = await preparer.context(hold, stopping);
    if (stopping.aborted) return;
    if (prepared.state === 'failed')
      log.error({ reason: prepared.reason }, 'this VM cannot be contextualized');
    else log.info({}, 'contextualized');
    await cloud.learn();
    takeUp(prepared);
  };

  const publish = (): Promise<void> => {
    const { now, ...insight } = monitor.insight();
    const lives = work.lives();
    const { state, acknowledged: _, ...told } = report();
    return writeStatus(files, {
      schemaVersion: 1,
      at: now,
      agentVersion: version,
      pid: process.pid,
      units: ports.units.kind,
      instanceId: machine.instanceId,
      phase: isOver ? 'halted' : state,
      ...told,
      ...insight,
      ...(lives === undefined ? {} : { credentials: lives }),
      ...(connection === undefined
        ? {}
        : { receiver: { url: connection.url, ...connection.uplink.status() } }),
    });
  };

  /** What nobody can read does not matter to what must be done. */
  const tell = (what: string, work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => log.warn({ error: messageOf(error) }, `${what} failed`));

  const signProgress = (): Promise<void> => {
    const { context } = work.prepared();
    const latest = monitor.latestEnd();
    const stepMs = context.ending.powerOff;
    return deadMan.sign({ boundMs: tickBoundMs(context), stepMs, latest, next: 'stop' });
  };

  /** One tick; what goes wrong in it is told, and the next one tries again. */
  const tick = async (): Promise<boolean> => {
    try {
      const finished = await monitor.tick();
      await tell('publishing the status', publish);
      await watchdog.progress();
      await signProgress();
      return finished;
    } catch (error) {
      log.error({ error: messageOf(error) }, 'a tick failed');
      return false;
    }
  };

  /** True if the receiver heard it. */
  const sayFarewell = async (): Promise<boolean> => {
    await uplinkLoop;
    // Beside each other: neither takes the other's time.
    const farewellMs = ends.boundMs(work.prepared().context.ending.farewell);
    const uploading = work.finish(farewellMs);
    const heard = (await connection?.uplink.farewell(farewellMs)) ?? false;
    await uploading;
    return heard;
  };

  const finish = async (): Promise<void> => {
    const { ending, features } = work.prepared().context;
    const told = AbortSignal.any([signal, parts.systemStop.stopping]);
    // An agent that begins with a halt, after the one before was killed, has yet to learn whom to tell.
    await waitAtMost(clock, ends.boundMs(ending.farewell), linking);
    stop.abort();
    const { reason, shutdownMessage = '' } = monitor.report();
    await endVm(
      {
        ...{ clock, log, power, deadMan, watchdog, announce, stopping: told },
        farewellMs: ends.boundMs(ending.farewell),
        ...{ stepMs: ending.powerOff, farewell: sayFarewell },
        leave: () => leaveShutdownMessage(files, shutdownMessage, features.jobOutputs),
        publish: async () => {
          isOver = true;
          await publish();
          // A cloud that has waited for us may take the VM at once.
          await ends.ended();
        },
      },
      { reason, shutdownMessage },
    );
  };

  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await files.makeDirectory(PATHS.requests, { mode: 0o700 });
  await monitor.load();
  const watcher = files.watch(PATHS.requests, () => wake.abort());
  try {
    preparing = prepare();
    for (let first = true; ; first = false) {
      wake = new AbortController();
      if (await tick()) break;
      if (first) await watchdog.ready('at work');
      if (signal.aborted) return 'stopped';
      await clock.sleep(monitor.intervalMs(), AbortSignal.any([signal, wake.signal]));
      if (signal.aborted) return 'stopped';
    }
    await finish();
    return 'powered-off';
  } finally {
    stop.abort();
    watcher.stop();
    await monitor.stop();
    await ends.stop();
    await peeker.stop();
    await connection?.close();
    await Promise.all([preparing, uplinkLoop, work.ended()]);
  }
};
