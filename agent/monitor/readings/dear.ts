import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { Context } from '../../context/schema.ts';
import type { Moment } from '../../moment.ts';
import type { Slot } from '../../pilot/slots.ts';
import { FAILED, NO_DATA } from '../../reading.ts';
import type { ReadingName, Readings } from '../snapshot.ts';
import { createAsking, isStale, type Known, type Turn } from './asking.ts';

/** What a look knows of the VM. */
export interface DearLook {
  context: Context;
  slots: readonly Slot[];
}

/** Readings that are taken together, and cost a process, a server or a disk that may hang. */
export interface DearReading {
  /** For the log. */
  what: string;
  names: readonly ReadingName[];
  everyMs: number;
  timeoutMs: number;
  /** `undefined` where this VM has no such thing. */
  question(look: DearLook): ((signal: AbortSignal) => Promise<Partial<Readings>>) | undefined;
}

/** What is known by now of all of them. Never waits. */
export type ReadDear = (now: Moment, look: DearLook) => Partial<Readings>;

/** What was told last under each name, or why it does not count; how long ago that was. */
const tell = (
  { names, everyMs }: DearReading,
  { answer, failedAtMs }: Known<Partial<Readings>>,
  nowMs: number,
): { readings: Partial<Readings>; ageMs: number } => {
  const told =
    answer === undefined ? names : names.filter(name => answer.value[name] !== undefined);
  const all = (reading: typeof FAILED | typeof NO_DATA): Partial<Readings> =>
    Object.fromEntries(told.map(name => [name, reading]));
  if (failedAtMs !== undefined) return { readings: all(FAILED), ageMs: nowMs - failedAtMs };
  if (answer === undefined) return { readings: all(NO_DATA), ageMs: 0 };
  const isOld = isStale(answer.atMs, nowMs, everyMs);
  return { readings: isOld ? all(NO_DATA) : answer.value, ageMs: nowMs - answer.atMs };
};

/** Asks all of them beside the looks, one at a time. */
export const createReadDear = (
  ports: { clock: Clock; log: Log },
  dear: readonly DearReading[],
): ReadDear => {
  const turn: Turn = { isTaken: false };
  const askings = dear.map(reading => ({
    reading,
    asking: createAsking<Partial<Readings>>(ports, { ...reading, turn }),
  }));
  return ({ monotonicMs }, look) => {
    const all: Partial<Readings> = {};
    const agesMs: Partial<Record<ReadingName, number>> = {};
    for (const { reading, asking } of askings) {
      const question = reading.question(look);
      if (question === undefined) continue;
      const { readings, ageMs } = tell(reading, asking.look(monotonicMs, question), monotonicMs);
      Object.assign(all, readings);
      for (const name of reading.names) if (all[name] !== undefined) agesMs[name] = ageMs;
    }
    return { ...all, agesMs };
  };
};
