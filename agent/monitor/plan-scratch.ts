import { elapsedMs, type Moment } from '../moment.ts';

/** What a slot was found to have on the scratch filesystem. */
export interface Measured {
  at: Moment;
  usedBytes: number;
  /** What all of the filesystem had in use at that time. */
  allBytes: number;
  /** How long it took to count. */
  tookMs: number;
}

export interface Filesystem {
  freeBytes: number;
  totalBytes: number;
}

/** Below this share of free space, or so many bytes, whoever has most on it must go. */
const FLOOR_SHARE = 0.02;
const FLOOR_BYTES = 64 * 1024 * 1024;
/** A slot is counted anew after some time, the sooner the less it costs: others may have freed what it took. */
const STALE_MS = { least: 30_000, most: 600_000 };
const STALE_SHARE = 0.01;
/** Where it may be over its limit, counting takes at most this part of the time. */
const COUNTING_SHARE = 0.1;
const SOONEST_MS = 5_000;

const floorOf = ({ totalBytes }: Filesystem): number =>
  Math.min(totalBytes / 10, Math.max(FLOOR_BYTES, totalBytes * FLOOR_SHARE));

export const isShort = (filesystem: Filesystem): boolean =>
  filesystem.freeBytes < floorOf(filesystem);

/**
 * Whether a slot has to be counted: what the filesystem has taken since is the most that the slot can have
 * taken, so that as a rule a look at the filesystem is enough. Pure.
 */
export const isDue = (
  last: Measured | undefined,
  { freeBytes, totalBytes }: Filesystem,
  limitBytes: number | undefined,
  now: Moment,
): boolean => {
  if (limitBytes === undefined && !isShort({ freeBytes, totalBytes })) return false;
  if (last === undefined) return true;
  const ageMs = elapsedMs(last.at, now);
  if (ageMs < Math.max(SOONEST_MS, last.tookMs / COUNTING_SHARE)) return false;
  const staleMs = Math.min(STALE_MS.most, Math.max(STALE_MS.least, last.tookMs / STALE_SHARE));
  if (ageMs >= staleMs || isShort({ freeBytes, totalBytes })) return true;
  const grown = Math.max(0, totalBytes - freeBytes - last.allBytes);
  return last.usedBytes + grown > (limitBytes ?? totalBytes);
};

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`;

/**
 * The slots that have more than they may, and why: over their limit; or, where the filesystem is nearly
 * full, the one that has most, since without it all of them would fail. Pure.
 */
export const overrunsOf = (
  slots: ReadonlyMap<string, Measured>,
  filesystem: Filesystem,
  limitBytes: number | undefined,
): Map<string, string> => {
  const over = new Map<string, string>();
  for (const [slot, { usedBytes }] of slots)
    if (limitBytes !== undefined && usedBytes > limitBytes)
      over.set(
        slot,
        `${megabytes(usedBytes)} of scratch, where it may have ${megabytes(limitBytes)}`,
      );
  if (over.size > 0 || !isShort(filesystem)) return over;
  const [most] = [...slots].sort(([, a], [, b]) => b.usedBytes - a.usedBytes);
  // Where none of them has as much as is short, it is not theirs to give back.
  if (most === undefined || most[1].usedBytes < floorOf(filesystem)) return over;
  const free = megabytes(filesystem.freeBytes);
  over.set(most[0], `${megabytes(most[1].usedBytes)} of scratch, of which ${free} are left`);
  return over;
};
