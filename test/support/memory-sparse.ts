import type { Clock } from '../../platform/clock.ts';
import type { Files } from '../../platform/files.ts';
import type { SparseFiles } from '../../platform/sparse-files.ts';

/**
 * Holes for files that have none, such as those in memory: what was given up counts no more. Each file
 * counts as written to when it was last seen to have grown.
 */
export const createMemorySparse = (
  files: Files,
  clock: Pick<Clock, 'wallMs'> = { wallMs: () => 0 },
): SparseFiles => {
  const punched = new Map<string, number>();
  const seen = new Map<string, { sizeBytes: number; modifiedMs: number }>();
  return {
    measure: async path => {
      const facts = await files.facts(path);
      if (facts?.kind !== 'file') return undefined;
      const { sizeBytes } = facts;
      const before = seen.get(path);
      const modifiedMs = before?.sizeBytes === sizeBytes ? before.modifiedMs : clock.wallMs();
      seen.set(path, { sizeBytes, modifiedMs });
      return {
        sizeBytes,
        diskBytes: Math.max(0, sizeBytes - (punched.get(path) ?? 0)),
        modifiedMs,
      };
    },
    read: async (path, fromByte, into) =>
      (await files.readPiece(path, fromByte, into.length))?.copy(into) ?? 0,
    append: async (path, bytes) => {
      const before = (await files.readBytes(path, 1e9)) ?? Buffer.alloc(0);
      await files.write(path, Buffer.concat([before, bytes]), { mode: 0o600 });
    },
    punch: async (path, toByte) => {
      punched.set(path, Math.max(toByte, punched.get(path) ?? 0));
    },
  };
};
