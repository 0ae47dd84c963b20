import { constants, open } from 'node:fs/promises';
import { PilotageError } from './errors.ts';

const MIB = 1024 * 1024;
const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/** The first and the last MiB, where filesystems keep what they are found by, and a few places between. */
const placesOf = (sizeBytes: number): { from: number; bytes: number }[] => {
  const step = Math.floor(sizeBytes / (SAMPLES + 1));
  return [
    { from: 0, bytes: Math.min(MIB, sizeBytes) },
    { from: Math.max(0, sizeBytes - MIB), bytes: Math.min(MIB, sizeBytes) },
    ...Array.from({ length: SAMPLES }, (_, index) => ({
      from: Math.floor((step * (index + 1)) / SAMPLE_BYTES) * SAMPLE_BYTES,
      bytes: Math.min(SAMPLE_BYTES, sizeBytes),
    })),
  ];
};

/**
 * True if a device, or a file, of this size holds zeros wherever it is looked at: nobody's data begins
 * or ends there. Fails with `file-failed` where a place cannot be read in full.
 */
export const looksZero = async (path: string, sizeBytes: number): Promise<boolean> => {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(MIB);
      for (const { from, bytes } of placesOf(sizeBytes)) {
        for (let done = 0; done < bytes; ) {
          const { bytesRead } = await handle.read(buffer, 0, bytes - done, from + done);
          if (bytesRead === 0)
            throw new PilotageError('file-failed', `${path} is shorter than it is said to be`, {
              path,
            });
          if (buffer.subarray(0, bytesRead).some(byte => byte !== 0)) return false;
          done += bytesRead;
        }
      }
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof PilotageError) throw error;
    throw new PilotageError('file-failed', `cannot read ${path}`, { path }, error);
  }
};
