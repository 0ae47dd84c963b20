import { DETECT } from './detect.ts';
import { type Source, USER_DATA_BYTES } from './source.ts';

/**
 * Context files that user-data has put on the machine by cloud-init's write_files, or that an operator
 * has. They need no handing over; their bytes, one after the other, are returned for their size.
 */
export const file: Source = {
  name: 'file',
  tells: [],
  detect: DETECT.file,
  fetch: async ({ files, known }) => {
    const contents: Buffer[] = [];
    for (const path of known.contextFiles)
      contents.push((await files.readBytes(path, USER_DATA_BYTES)) ?? Buffer.alloc(0));
    return { facts: {}, userData: Buffer.concat(contents) };
  },
};
