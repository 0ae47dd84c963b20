import { type Deletion, openDeletion } from './deletion.ts';
import { leftBilled } from './power-off.ts';
import { guardAfterHeartbeat, type ScaleInGuard } from './scale-in-guard.ts';
import type { VmRecord } from './vm-record.ts';

/** From its last word until a VM is off: its last logs are on their way. */
const OFF_MS = 60_000;
/** A group that sees a VM stop puts another in its place, so it is lowered before. */
const OFF_IN_GROUP_MS = 5000;

/** A VM that speaks is there. What the cloud has taken on is not called back; what it said to be gone is not. */
const whileItSpeaks = (deletion: Deletion | undefined): Deletion | undefined =>
  deletion?.state === 'deleting' ? deletion : undefined;

const onceHalted = (
  deletion: Deletion | undefined,
  { latest }: VmRecord,
  nowMs: number,
): Deletion | undefined => {
  if (deletion !== undefined && deletion.cause !== 'lost') return deletion;
  if (deletion !== undefined && deletion.state !== 'to-be-deleted') return deletion;
  if (leftBilled(latest?.cloud).length === 0) return undefined;
  const isInGroup = latest?.cloud?.groupKind !== undefined;
  return openDeletion('halted', nowMs, isInGroup ? OFF_IN_GROUP_MS : OFF_MS);
};

/**
 * What follows for the cloud from a heartbeat, once the record holds it: a VM that has halted and is still billed is
 * to be deleted, one that works is to be spared. A late heartbeat changes nothing.
 */
export const followHeartbeat = (before: VmRecord, after: VmRecord, nowMs: number): VmRecord => {
  const { latest } = after;
  if (latest === undefined || latest.sequence === before.latest?.sequence) return after;
  const deletion =
    latest.state === 'halted'
      ? onceHalted(before.deletion, after, nowMs)
      : whileItSpeaks(before.deletion);
  const guard =
    deletion === undefined
      ? guardAfterHeartbeat(before.guard, latest, latest.cloud, nowMs)
      : undefined;
  return withFollowing(after, { deletion, guard });
};

/** A record with these, and without the former ones. */
export const withFollowing = (
  { deletion: _, guard: __, ...rest }: VmRecord,
  { deletion, guard }: { deletion: Deletion | undefined; guard?: ScaleInGuard | undefined },
): VmRecord => ({
  ...rest,
  ...(deletion === undefined ? {} : { deletion }),
  ...(guard === undefined ? {} : { guard }),
});
