import { type Check, type CheckOutcome, failed, ok } from './check.ts';

const MB = 1024 * 1024;

export const judgeDisk = (path: string, freeBytes: number, neededMb: number): CheckOutcome => {
  const told = `${Math.floor(freeBytes / MB)} MB free under ${path}, ${neededMb} MB needed`;
  return freeBytes >= neededMb * MB ? ok(told) : failed(told);
};

/** Room for the payloads' scratch folders. */
export const disk: Check = {
  name: 'disk',
  run: async ({ context: { checks, scratch } }, { files }) => {
    const path = (await files.facts(scratch.path)) === undefined ? '/' : scratch.path;
    return judgeDisk(path, await files.freeBytes(path), checks.diskMb);
  },
};
