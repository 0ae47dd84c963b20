import { messageOf } from '../../platform/errors.ts';
import type { Http } from '../../platform/http.ts';
import { createLightHttp } from '../../platform/light-http.ts';
import type { Directive } from '../../protocol/directive.ts';
import { DEFAULT_CONTEXT, type Lifeline } from '../context/schema.ts';
import { asLearnt, type MachineId } from '../machine.ts';
import type { Decision } from '../monitor/decide.ts';
import { writeStatus } from '../monitor/status.ts';
import { createMonitor, type Monitor } from '../monitor/tick.ts';
import { PATHS } from '../paths.ts';
import type { AgentPorts } from '../ports.ts';
import { type Connection, connect } from '../uplink/connect.ts';
import type { LogRing } from '../uplink/log-ring.ts';
import type { Preparer } from './prepare.ts';

import type { Watchdog } from './watchdog.ts';

export interface AgentParts {
  ports: AgentPorts;
  machine: MachineId;
  preparer: Preparer;
  watchdog: Watchdog;
  ring: LogRing;
  version: string;
  /** Lines for the VM's console, for whoever has nothing else. */
  announce: (line: string) => Promise<void>;
  http?: Http;
}

/** How an agent's run ended. */
export type AgentEnd = 'powered-off' | 'stopped';

/**
 * The agent of one VM: the monitor's loop from the first moment on, the contextualization and the
 * heartbeats beside it. It ends when the VM is powered off or when the signal comes; the pilots then
 * go on, and the next agent finds them.
 */
export const runAgent = async (parts: AgentParts, signal: AbortSignal): Promise<AgentEnd> => {
  const {
    ports,
    machine,
    preparer,
    watchdog,
    ring,
    version,
    announce,
    http = createLightHttp,
  } = parts;
  const { clock, files, log, power } = ports;
  const stop = new AbortController();
  const stopping = AbortSignal.any([signal, stop.signal]);
  let connection: Connection | undefined;
  let uplinkLoop: Promise<void> = Promise.resolve();
  let wake = new AbortController();
  let phase = '';
  let isOver = false;
  let farewellMs = DEFAULT_CONTEXT.ending.farewell;

  const changed = ({ phase: next, reason }: Decision): void => {
    connection?.uplink.nudge();
    if (next === phase) return;
    phase = next;
    const told = reason === '' ? next : `${next}: ${reason}`;
    log.info({ phase: next, reason }, 'phase');
    void tell('the console', () => announce(told));
  };
  const monitor: Monitor = createMonitor(
    ports,
    machine,
    { state: 'pending', reason: '', context: DEFAULT_CONTEXT },
    { changed },
  );

  const obey = (directives: readonly Directive[]): void => {
    if (directives.length === 0) return;
    monitor.obey(directives);
    wake.abort();
  };

  const link = async (lifeline: Lifeline): Promise<void> => {
    const report = () => monitor.report();
    const known = await asLearnt(files, machine);
    if (stopping.aborted) return;
    connection = connect(ports, { lifeline, machine: known, version, ring, http, report, obey });
    if (connection === undefined) log.warn({}, 'the context names no receiver; working alone');
    else uplinkLoop = connection.uplink.run(stopping);
  };

  const prepare = async (): Promise<void> => {
    let hold = DEFAULT_CONTEXT.hold;
    try {
      const lifeline = await preparer.lifeline(stopping);
      hold = lifeline.hold;
      await link(lifeline);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the lifeline to the receiver cannot be understood');
    }
    if (stopping.aborted) return;
    const prepared = await preparer.context(hold, stopping);
    if (stopping.aborted) return;
    if (prepared.state === 'failed')
      log.error({ reason: prepared.reason }, 'this VM cannot be contextualized');
    else log.info({}, 'contextualized');
    farewellMs = prepared.context.ending.farewell;
    monitor.prepared(prepared);
    wake.abort();
  };

  const publish = (): Promise<void> => {
    const { now, ...insight } = monitor.insight();
    const { state, acknowledged: _, uptimeMs: __, ...report } = monitor.report();
    return writeStatus(files, {
      schemaVersion: 1,
      at: now,
      agentVersion: version,
      pid: process.pid,
      units: ports.units.kind,
      instanceId: machine.instanceId,
      phase: isOver ? 'halted' : state,
      ...report,
      ...insight,
      ...(connection === undefined
        ? {}
        : { receiver: { url: connection.url, ...connection.uplink.status() } }),
    });
  };

  /** What nobody can read does not matter to what must be done. */
  const tell = (what: string, work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => log.warn({ error: messageOf(error) }, `${what} failed`));

  /** One tick; what goes wrong in it is told, and the next one tries again. */
  const tick = async (): Promise<boolean> => {
    try {
      const finished = await monitor.tick();
      await tell('publishing the status', publish);
      await watchdog.progress();
      return finished;
    } catch (error) {
      log.error({ error: messageOf(error) }, 'a tick failed');
      return false;
    }
  };

  /** True if the receiver heard it. */
  const sayFarewell = async (): Promise<boolean> => {
    await uplinkLoop;
    return (await connection?.uplink.farewell(farewellMs)) ?? false;
  };

  const finish = async (): Promise<void> => {
    stop.abort();
    const reason = monitor.report().reason;
    // Whatever goes wrong in saying farewell, also by a mistake of ours: the power goes off.
    const heard = await sayFarewell().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, 'no farewell could be said');
      return false;
    });
    isOver = true;
    await tell('publishing the last status', publish);
    log.info({ reason, receiverHeard: heard }, 'farewell');
    await tell('the console', () => announce(`powering off: ${reason}`));
    await power.off(reason);
  };

  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await files.makeDirectory(PATHS.requests, { mode: 0o700 });
  await monitor.load();
  const watcher = files.watch(PATHS.requests, () => wake.abort());
  let preparing: Promise<void> = Promise.resolve();
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
    await connection?.close();
    await Promise.all([preparing, uplinkLoop]);
  }
};
