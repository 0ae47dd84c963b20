/** Part of the pace by which heartbeats are spread, so that VMs which began together do not stay so. */
export const JITTER = 0.1;

/**
 * When a VM is to be heard next, ms.
 * @param random evenly spread in [0, 1)
 */
export const nextHeartbeatMs = (paceMs: number, random: number): number =>
  Math.round(paceMs * (1 + JITTER * (2 * random - 1)));
