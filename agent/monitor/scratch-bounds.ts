import { basename } from 'node:path';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { payloadUserOf, scratchOf } from '../context/planners/users.ts';
import type { Context } from '../context/schema.ts';
import type { UserQuotas } from '../disks/user-quotas.ts';
import type { Moment } from '../moment.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import type { Slot } from '../pilot/slots.ts';
import { createDiscard } from './discard.ts';
import { isDue, type Measured, overrunsOf } from './plan-scratch.ts';
import { tmpFolderOf } from './plan-unit.ts';

/** Holds what each slot leaves on the scratch filesystem to a bound. */
export interface ScratchBounds {
  /**
   * Before a run: takes away what an earlier one left in /tmp, and its home where that is full; sets the
   * kernel's limits where it keeps any.
   */
  prepare(run: PilotRun): Promise<void>;
  /** Slots that are over their bound, and why; counted beside the looks, so it is what was found last. */
  look(slots: readonly Slot[], context: Context, now: Moment): Promise<ReadonlyMap<string, string>>;
  /** Who holds them to it, for people. */
  readonly by: 'quota' | 'watch';
}

const COUNT_MS = 300_000;
/** A start waits no longer for it. */
const FIRST_COUNT_MS = 10_000;
/** With more than this share of its bound in use, a new pilot would not get far. */
const FULL_SHARE = 0.9;
const MB = 1024 * 1024;

/** `du -sk` prints `KIB PATH` for each folder. */
export const parseUsage = (output: string): number =>
  output
    .split('\n')
    .map(line => /^(\d+)\s/.exec(line)?.[1])
    .reduce((sum, kib) => sum + Number(kib ?? 0) * 1024, 0);

const limitOf = ({ features: { scratchMbPerSlot } }: Context): number | undefined =>
  scratchMbPerSlot === undefined ? undefined : scratchMbPerSlot * MB;

/** Users beside the slot's own under which it may write. */
const payloadUsersOf = (context: Context, slot: Slot): string[] => {
  const own = payloadUserOf(context, slot);
  return [...(slot.payloadUsers ?? []), ...(own === undefined ? [] : [own.name])];
};

/** @param quotas where the machine is a real one */
export const createScratchBounds = (
  { files, exec, clock, log }: { files: Files; exec: Exec; clock: Clock; log: Log },
  quotas: UserQuotas,
): ScratchBounds => {
  const measured = new Map<string, Measured>();
  const overfilled = new Set<string>();
  const counting = new Set<string>();
  let by: ScratchBounds['by'] = 'watch';
  let offences: ReadonlyMap<string, string> = new Map();

  /** The folders in which what a slot has can lie: its home, and what we and its kind put beside that. */
  const foldersOf = async (context: Context, slot: Slot): Promise<string[]> => {
    const { path } = context.scratch;
    const home = basename(scratchOf(context, slot));
    const payloads = payloadUserOf(context, slot)?.name;
    return (await files.list(path))
      .filter(name => name === home || name === payloads || name.startsWith(`${home}.`))
      .map(name => files.locate(`${path}/${name}`));
  };

  const count = async (context: Context, slot: Slot, timeoutMs: number): Promise<number> => {
    const folders = await foldersOf(context, slot);
    if (folders.length === 0) return 0;
    // A file that goes while it is counted is none: du says so, and ends with 1. Nothing is mounted below,
    // and on the layered root of a container -x would take each file for another filesystem's.
    const options = { timeoutMs, allowedExitCodes: [0, 1] };
    const { stdout } = await exec.run('nice', ['-n', '19', 'du', '-sk', '--', ...folders], options);
    return parseUsage(stdout);
  };

  const measure = async (context: Context, slot: Slot, at: Moment, allBytes: number) => {
    counting.add(slot.name);
    const began = clock.monotonicMs();
    try {
      const usedBytes = await count(context, slot, COUNT_MS);
      measured.set(slot.name, { at, usedBytes, allBytes, tookMs: clock.monotonicMs() - began });
    } catch (error) {
      log.warn({ slot: slot.name, error: messageOf(error) }, 'scratch could not be counted');
    } finally {
      counting.delete(slot.name);
    }
  };

  const isFull = async ({ slot, context }: PilotRun): Promise<boolean> => {
    if (overfilled.delete(slot.name)) return true;
    const limit = limitOf(context);
    if (limit === undefined) return false;
    return (await count(context, slot, FIRST_COUNT_MS)) > limit * FULL_SHARE;
  };

  const setQuota = async ({ slot, context, places }: PilotRun): Promise<void> => {
    const limit = limitOf(context);
    if (limit === undefined) return;
    const users = [slot.user, ...payloadUsersOf(context, slot)];
    by = (await quotas.limit(places.home, users, limit / MB)) ? 'quota' : 'watch';
  };

  const orTold = async (slot: Slot, what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn({ slot: slot.name, error: messageOf(error) }, what);
    }
  };

  const look = async (slots: readonly Slot[], context: Context, now: Moment) => {
    const { path } = context.scratch;
    const limit = limitOf(context);
    const [freeBytes, totalBytes] = [await files.freeBytes(path), await files.totalBytes(path)];
    const filesystem = { freeBytes, totalBytes };
    for (const slot of slots)
      if (!counting.has(slot.name) && isDue(measured.get(slot.name), filesystem, limit, now))
        void measure(context, slot, now, totalBytes - freeBytes);
    // The kernel fails what would go beyond its own limit, which ends no pilot; it knows one user at a time.
    const isHeld =
      by === 'quota' && slots.every(slot => payloadUsersOf(context, slot).length === 0);
    const over = overrunsOf(measured, filesystem, isHeld ? undefined : limit);
    for (const slot of over.keys()) overfilled.add(slot);
    return over;
  };

  return {
    get by() {
      return by;
    },
    prepare: async run => {
      const { slot, places, owner } = run;
      const discard = createDiscard({ files, exec, log }, `${places.scratch}/.discarded`);
      await discard(tmpFolderOf(run));
      await orTold(slot, 'scratch could not be emptied', async () => {
        if (!(await isFull(run))) return;
        await discard(places.home);
        await files.makeDirectory(places.home, { mode: 0o700, owner });
        log.warn({ slot: slot.name }, 'the full scratch of an earlier pilot was emptied');
      });
      measured.delete(slot.name);
      await orTold(slot, 'a quota could not be set', () => setQuota(run));
    },
    look: async (slots, context, now) => {
      try {
        if (slots.length > 0) offences = await look(slots, context, now);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the scratch filesystem could not be looked at');
      }
      return offences;
    },
  };
};
