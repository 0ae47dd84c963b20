import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { PATHS } from '../paths.ts';
import { Ending } from './state.ts';

/** Room for the longest ending there can be. */
const LATCH_BYTES = 32_768;
const MAX_REASON_CHARS = 1000;
const MAX_CAUSE_CHARS = 200;

const Latched = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  ending: v.optional(Ending),
});

/**
 * The drain or halt that a VM is under. A file of fixed size, made when the VM is well and overwritten
 * in place, so that a disk that is full when the decision falls cannot stop it from being remembered.
 */
export interface Latch {
  /** What was latched for this VM; of another VM's disk nothing is taken over. */
  read(): Promise<Ending | undefined>;
  set(ending: Ending | undefined): Promise<void>;
}

const inBounds = (ending: Ending): Ending => {
  const reason = ending.reason.slice(0, MAX_REASON_CHARS);
  if (ending.kind === 'halt' || ending.causes === undefined) return { ...ending, reason };
  const causes = ending.causes.map(cause => ({
    ...cause,
    reason: cause.reason.slice(0, MAX_CAUSE_CHARS),
  }));
  return { ...ending, reason, causes };
};

export const createLatch = (files: Files, instanceId: string): Latch => ({
  read: async () => {
    const text = await files.read(PATHS.latch, LATCH_BYTES);
    if (text === undefined || text.trim() === '') return undefined;
    const latched = v.parse(Latched, JSON.parse(text));
    return latched.instanceId === instanceId ? latched.ending : undefined;
  },
  set: ending => {
    const bounded = ending === undefined ? {} : { ending: inBounds(ending) };
    return files.overwrite(
      PATHS.latch,
      JSON.stringify({ schemaVersion: 1, instanceId, ...bounded }),
      LATCH_BYTES,
    );
  },
});
