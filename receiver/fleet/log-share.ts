import type { LogShare } from '../../protocol/heartbeat.ts';

/** Messages with new lines that one receiver takes in a second from all of its VMs, and their bytes. */
const MESSAGES_PER_S = 100;
const BYTES_PER_S = 2 * 1024 * 1024;
/** Messages without new lines, which just ask for directives: fewer, since they tell nothing. */
const ASKS_PER_S = 20;
const SOONEST_ASK_MS = 10_000;
/** A small fleet is heard within seconds, so that a VM that is lost leaves its last words. */
const SOONEST_MS = 3000;
const LEAST_BYTES = 1024;
const MOST_BYTES = 64 * 1024;

/**
 * How often, and how much, each VM of a fleet may tell of its logs, so that all of them together cost
 * the receiver no more than it can bear: seconds and tens of KiB for some hundred VMs, the ordinary
 * pace and 2 KiB for sixty thousand. A VM without new lines asks at least so often for directives.
 * @param paceMs between two heartbeats of one VM, which bring logs as well
 */
export const logShare = (vms: number, paceMs: number): LogShare => {
  const everyMs = Math.min(paceMs, Math.max(SOONEST_MS, (vms * 1000) / MESSAGES_PER_S));
  const askMs = Math.max(SOONEST_ASK_MS, (vms * 1000) / ASKS_PER_S);
  const bytes = (BYTES_PER_S * everyMs) / 1000 / Math.max(1, vms);
  return {
    everyMs: Math.round(everyMs),
    bytes: Math.round(Math.min(MOST_BYTES, Math.max(LEAST_BYTES, bytes))),
    // At the heartbeats' own pace it would be of no use.
    ...(askMs < paceMs ? { askMs: Math.round(askMs) } : {}),
  };
};

/** Steps of whole logs that one receiver takes in a second from all of its VMs. */
const WHOLE_STEPS_PER_S = 50;
const SHORTEST_PAUSE_MS = 100;

/** How long each of so many VMs that send whole logs is to wait between two steps, ms. */
export const wholeLogPauseMs = (vms: number): number =>
  Math.round(Math.max(SHORTEST_PAUSE_MS, (vms * 1000) / WHOLE_STEPS_PER_S));

/** How many VMs were heard lately. */
export interface FleetGauge {
  heard(vmId: string, nowMs: number): void;
  size(): number;
}

/** Counts by windows that follow one another: each is the length of a few heartbeats. */
export const createFleetGauge = (windowMs: number): FleetGauge => {
  let current = new Set<string>();
  let before = 0;
  let sinceMs: number | undefined;
  return {
    heard: (vmId, nowMs) => {
      sinceMs ??= nowMs;
      if (nowMs - sinceMs >= windowMs) {
        before = nowMs - sinceMs < 2 * windowMs ? current.size : 0;
        current = new Set();
        sinceMs = nowMs;
      }
      current.add(vmId);
    },
    size: () => Math.max(before, current.size),
  };
};
