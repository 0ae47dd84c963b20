import * as v from 'valibot';
import { messageOf } from '../platform/errors.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import { parseJson } from '../platform/parse-json.ts';
import type { MachineId } from './machine.ts';
import { PATHS } from './paths.ts';

/**
 * How this boot of an instance came about: `asked` if the agent of the boot before was told to end, as a reboot in
 * order does; `unasked` after a panic, a reset, a power cut, or an agent that was dead.
 */
export const BootCause = v.picklist(['first', 'asked', 'unasked']);
export type BootCause = v.InferOutput<typeof BootCause>;

const BootRecord = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  bootId: v.string(),
  cause: BootCause,
  /** The agent of this boot was told to end. */
  left: v.boolean(),
  /** The contextualization of this boot came to an end, good or bad. */
  prepared: v.boolean(),
  /** It came to a good end once in this boot. */
  worked: v.boolean(),
  /** Boots in a row before this one that ended unasked before they were prepared. */
  lost: v.number(),
});
export type BootRecord = v.InferOutput<typeof BootRecord>;

/** What an agent that starts makes of the record that it finds. Pure. */
export const nextBoot = (
  before: BootRecord | undefined,
  { instanceId, bootId }: Pick<MachineId, 'instanceId' | 'bootId'>,
): BootRecord => {
  const begun = { schemaVersion: 1, instanceId, bootId, left: false } as const;
  if (before?.instanceId !== instanceId)
    return { ...begun, cause: 'first', prepared: false, worked: false, lost: 0 };
  if (before.bootId === bootId) return { ...before, left: false };
  const cause = before.left ? 'asked' : 'unasked';
  const isLost = cause === 'unasked' && !before.prepared;
  return { ...begun, cause, prepared: false, worked: false, lost: isLost ? before.lost + 1 : 0 };
};

/** Keeps the record of boots. What cannot be written is told, and stops nothing. */
export interface Boots {
  readonly cause: BootCause;
  readonly lost: number;
  /** True once the VM was contextualized in this boot, by this agent or one before it. */
  hasWorked(): boolean;
  prepared(end: { good: boolean }): Promise<void>;
  left(): Promise<void>;
}

/** Overwritten in place, so that a full disk makes no reboot look unasked. */
const RECORD_BYTES = 1024;

/** Reads the record that the last boot left, and begins that of this one. */
export const openBootRecord = async (
  { files, log }: { files: Files; log: Log },
  machine: Pick<MachineId, 'instanceId' | 'bootId'>,
): Promise<Boots> => {
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.error({ error: messageOf(error) }, `the record of boots cannot be ${what}`);
      return undefined;
    }
  };
  const text = await attempt('read', () => files.read(PATHS.boots, RECORD_BYTES));
  let record = nextBoot(text === undefined ? undefined : parseJson(BootRecord, text), machine);

  const note = async (more: Partial<BootRecord>): Promise<void> => {
    record = { ...record, ...more };
    await attempt('written', async () => {
      await files.makeDirectory(PATHS.state, { mode: 0o700 });
      await files.overwrite(PATHS.boots, JSON.stringify(record), RECORD_BYTES);
    });
  };
  await note({});
  const { cause, lost } = record;
  return {
    cause,
    lost,
    hasWorked: () => record.worked,
    prepared: ({ good }) => note({ prepared: true, worked: record.worked || good }),
    left: () => note({ left: true }),
  };
};
