import { constants, type FileHandle, mkdir, open } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Makes folders one below the other in a folder that belongs to somebody else, who may have put links in
 * the way, or may do so meanwhile: none is followed, and one in the way fails with ENOTDIR or ELOOP.
 * @param settle gives the last one its owner and mode
 */
export const makeFolderBelow = async (
  base: string,
  names: readonly string[],
  settle: (folder: FileHandle) => Promise<void>,
): Promise<void> => {
  let at = await open(base, FOLDER);
  try {
    for (const name of names) {
      const path = `/proc/self/fd/${at.fd}/${name}`;
      await mkdir(path, 0o755).catch((error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error;
      });
      const next = await open(path, FOLDER);
      await at.close();
      at = next;
    }
    await settle(at);
  } finally {
    await at.close();
  }
};
