import type { PilotReport } from '../../protocol/heartbeat.ts';
import { PILOT_ACTIVITIES, type PilotActivity } from '../../protocol/words.ts';

/** How many slots there are of each activity; those of which none is said are left out. */
export const countActivities = (
  pilots: readonly PilotReport[],
): Partial<Record<PilotActivity, number>> =>
  Object.fromEntries(
    PILOT_ACTIVITIES.map(
      activity => [activity, pilots.filter(pilot => pilot.activity === activity).length] as const,
    ).filter(([, count]) => count > 0),
  );

/** Payloads that the pilots of now have started; `null` where none of them tells. */
export const countStarted = (pilots: readonly PilotReport[]): number | null => {
  const told = pilots.flatMap(({ payloadsStarted }) => payloadsStarted ?? []);
  return told.length === 0 ? null : told.reduce((sum, count) => sum + count, 0);
};
