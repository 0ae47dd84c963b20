import type { FileOptions, Files, WriteOptions } from '../../../platform/files.ts';
import { PATHS } from '../../paths.ts';

/** What is remembered for a boot of what the cloud, and others, were asked. */
const REMEMBERED = [PATHS.learnt, PATHS.userData, PATHS.includes];

const isRemembered = (path: string): boolean =>
  REMEMBERED.some(known => path === known || path.startsWith(`${known}/`));

type Change = (files: Files) => Promise<void>;

/** A machine's files on which nothing is remembered; what is learnt on them is kept apart until it is to hold. */
export interface FreshFiles {
  files: Files;
  /** What was learnt takes the place of what was remembered. */
  keep(): Promise<void>;
}

export const createFreshFiles = (real: Files): FreshFiles => {
  const changes: Change[] = [];
  /** Written since: whoever reads it again gets that. */
  const written = new Map<string, string | Buffer>();

  const later = async (change: Change): Promise<void> => void changes.push(change);
  const bytesOf = (path: string): Buffer | undefined => {
    const content = written.get(path);
    return content === undefined ? undefined : Buffer.from(content);
  };

  const files: Files = {
    ...real,
    read: async (path, maxBytes) =>
      isRemembered(path) ? bytesOf(path)?.toString('utf8') : real.read(path, maxBytes),
    readBytes: async (path, maxBytes) =>
      isRemembered(path) ? bytesOf(path) : real.readBytes(path, maxBytes),
    write: async (path: string, content: string | Buffer, options: FileOptions) => {
      if (!isRemembered(path)) return real.write(path, content, options);
      written.set(path, content);
      return later(kept => kept.write(path, content, options));
    },
    makeDirectory: (path: string, options: WriteOptions) =>
      isRemembered(path)
        ? later(kept => kept.makeDirectory(path, options))
        : real.makeDirectory(path, options),
    remove: async path => {
      if (!isRemembered(path)) return real.remove(path);
      written.delete(path);
      return later(kept => kept.remove(path));
    },
  };
  return {
    files,
    keep: async () => {
      for (const change of changes) await change(real);
    },
  };
};
