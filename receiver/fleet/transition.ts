import type { Arrival, LatestHeartbeat, VmRecord } from './vm-record.ts';

/** What becomes of a record when a heartbeat arrives that was not stored before. */
export type Transition = (vm: VmRecord, arrival: Arrival) => VmRecord;

/** The sequence never goes back within a credential's life, so it alone tells new from late. */
const isNews = (vm: VmRecord, sequence: number): boolean =>
  vm.latest === undefined || sequence > vm.latest.sequence;

/**
 * The VM is the authority on its own state: any state may follow any other. A late heartbeat shows
 * that the VM lived, and leaves newer words as they are.
 */
export const transition: Transition = (vm, { heartbeat, receivedMs }) => {
  const lastHeardMs = Math.max(vm.lastHeardMs, receivedMs);
  if (!isNews(vm, heartbeat.sequence)) return { ...vm, lastHeardMs };
  const { bootId, sequence, agentVersion, state, reason, uptimeMs } = heartbeat;
  const { load, cpuCores, payloads, pilots, verdicts, shutdownMessage } = heartbeat;
  const { readings, readingAgesMs } = heartbeat;
  const cloud = heartbeat.cloud ?? vm.latest?.cloud;
  const latest: LatestHeartbeat = {
    bootId,
    sequence,
    agentVersion,
    state,
    reason,
    uptimeMs,
    load,
    cpuCores,
    payloads,
    ...(readings === undefined ? {} : { readings }),
    ...(readingAgesMs === undefined ? {} : { readingAgesMs }),
    pilots,
    verdicts,
    ...(shutdownMessage === undefined ? {} : { shutdownMessage }),
    ...(cloud === undefined ? {} : { cloud }),
  };
  const stateSinceMs = vm.latest?.state === state ? vm.stateSinceMs : receivedMs;
  return { ...vm, lastHeardMs, stateSinceMs, latest };
};
