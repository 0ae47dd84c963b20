import { elapsedMs, later, type Moment } from '../moment.ts';
import type { Reading } from '../reading.ts';
import type { Answer } from './answer.ts';

/** What tells at one look whether a pilot gets on. */
export interface Signs {
  /** Processor time since it began. */
  cpuMs: Reading;
  /** Processes and threads; not every machine tells. */
  tasks: Reading;
  /** Bytes that it has ever printed. */
  outputBytes: Reading;
  /** What it said, or was asked. */
  answer: Answer | undefined;
  /** GPUs in use, where it has some of its own; what all pilots use, as no system tells it by pilot. */
  gpus?: Reading | undefined;
}

/** Since when a pilot has made no progress, and how things stood then. */
export interface Standstill {
  since: Moment;
  lookedAt: Moment;
  /** Where its use of processor time is counted from. */
  counted: { at: Moment; cpuMs: number };
  /** What must stay the same. */
  same: string;
}

export interface StandstillPolicy {
  after: number;
  /** Cores that a pilot which does nothing may use all the same. */
  cores: number;
}

/** Over shorter times a burst of a pilot that merely waits would look like work. */
const COUNTED_MS = 300_000;
/** Nobody knows what was between two looks that lie further apart. */
const UNSEEN_MS = 900_000;

/** All that stays the same while nothing happens; `undefined` where any of it could not be read. */
const sameOf = ({ tasks, outputBytes, answer }: Signs): string | undefined => {
  const payloads = answer?.payloads;
  const told = [tasks, outputBytes, ...(payloads === undefined ? [] : [payloads])];
  if (told.some(reading => !reading.ok && reading.reason === 'failed')) return undefined;
  const values = told.map(reading => (reading.ok ? reading.value : null));
  return JSON.stringify([
    ...[values, answer?.said, answer?.ready, answer?.draining, answer?.slots],
    ...[answer?.payloadsStarted],
  ]);
};

/** A GPU may work for long while the processor waits for it; one of which nobody knows may as well. */
const mayCompute = ({ gpus }: Signs, { cores }: StandstillPolicy): boolean =>
  gpus !== undefined && !(gpus.ok && gpus.value <= cores);

/** A pilot that says that it has nothing to do waits for work, for as long as the context lets it. */
const isIdle = ({ answer }: Signs): boolean =>
  answer?.payloads.ok === true && answer.payloads.value === 0;

/**
 * The standstill after a look; `undefined` where there is none, or none can be told: what could not be read is
 * never no progress. Pure.
 */
export const turnStandstill = (
  before: Standstill | undefined,
  signs: Signs,
  now: Moment,
  policy: StandstillPolicy,
): Standstill | undefined => {
  const { after, cores } = policy;
  const same = sameOf(signs);
  if (same === undefined || !signs.cpuMs.ok || isIdle(signs)) return undefined;
  if (mayCompute(signs, policy)) return undefined;
  const cpuMs = signs.cpuMs.value;
  const fresh = { since: now, lookedAt: now, counted: { at: now, cpuMs }, same };
  const isUnseen =
    before === undefined ||
    before.since.bootId !== now.bootId ||
    elapsedMs(before.lookedAt, now) > UNSEEN_MS;
  if (isUnseen || before.same !== same || cpuMs < before.counted.cpuMs) return fresh;
  const countedMs = elapsedMs(before.counted.at, now);
  const usedMs = cpuMs - before.counted.cpuMs;
  // More than a whole period of doing nothing could use is work, however long the period turns out.
  const periodMs = Math.min(COUNTED_MS, after);
  if (usedMs > cores * Math.max(countedMs, periodMs)) return fresh;
  return countedMs < periodMs
    ? { ...before, lookedAt: now }
    : { ...before, lookedAt: now, counted: { at: now, cpuMs } };
};

/** A sign of life that only a close look has found: the standstill counts from then on. */
export const stirred = (standstill: Standstill, agoMs: number, now: Moment): Standstill => ({
  ...standstill,
  since: later(now, -agoMs),
});

/** True once nothing has happened for as long as the context lets it. */
export const isStuck = (
  standstill: Standstill | undefined,
  now: Moment,
  { after }: StandstillPolicy,
): boolean => standstill !== undefined && elapsedMs(standstill.since, now) >= after;
