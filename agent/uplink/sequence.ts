import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { PATHS } from '../paths.ts';

/** Numbers heartbeats; written down before use, so that a restart never uses one again. */
export interface Sequence {
  next(): Promise<number>;
}

const BYTES = 32;

/** A file of fixed size, overwritten in place: a full disk does not stop the count. */
export const createSequence = (files: Files, log: Log): Sequence => {
  let last: number | undefined;
  const read = async (): Promise<number> => {
    const text = (await files.read(PATHS.sequence, BYTES))?.trim() ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : 0;
  };
  return {
    next: async () => {
      const next = (last ?? (await read())) + 1;
      last = next;
      try {
        await files.overwrite(PATHS.sequence, String(next), BYTES);
      } catch (error) {
        log.warn(
          { error: messageOf(error) },
          'the number of the last heartbeat could not be written',
        );
      }
      return next;
    },
  };
};
