import { dirname, join, normalize } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';

/**
 * Files in memory, for tests whose time stands still: nothing here waits for a disk. It follows the
 * same contract as the real ones, and both are held to it by one test.
 */
export const createMemoryFiles = (): Files => {
  const links = new Map<string, string>();
  const entries = new Map<string, { content: Buffer | undefined; mode: number }>([
    ['/', { content: undefined, mode: 0o755 }],
  ]);
  const clean = (path: string): string => normalize(join('/', path)).replace(/(?<=.)\/$/, '');
  const needFolder = (path: string): void => {
    const folder = entries.get(dirname(path));
    if (folder === undefined || folder.content !== undefined)
      throw new PilotageError('file-failed', `cannot write ${path}`, { path, errno: 'ENOENT' });
  };
  const content = (path: string): Buffer | undefined => entries.get(clean(path))?.content;

  const files: Files = {
    locate: clean,
    read: async (path, maxBytes) => (await files.readBytes(path, maxBytes))?.toString('utf8'),
    readBytes: async (path, maxBytes) => {
      const found = content(path);
      if (found !== undefined && found.length > maxBytes)
        throw new PilotageError('file-too-large', `${path} is larger than ${maxBytes} bytes`, {
          path,
        });
      return found;
    },
    readKernel: (path, maxBytes) => {
      const found = content(path);
      if (found !== undefined && found.length > maxBytes)
        throw new PilotageError('file-too-large', `${path} is larger than ${maxBytes} bytes`, {
          path,
        });
      return found?.toString('utf8');
    },
    readPiece: async (path, fromByte, maxBytes) =>
      content(path)?.subarray(fromByte, fromByte + maxBytes),
    write: async (path, text, { mode }) => {
      needFolder(clean(path));
      entries.set(clean(path), { content: Buffer.from(text), mode });
    },
    readLink: async path => links.get(clean(path)),
    makeLink: async (path, target) => {
      needFolder(clean(path));
      entries.delete(clean(path));
      links.set(clean(path), target);
    },
    overwrite: async (path, text, sizeBytes) => {
      if (Buffer.byteLength(text) > sizeBytes)
        throw new PilotageError('file-too-large', `${path} holds ${sizeBytes} bytes`, { path });
      needFolder(clean(path));
      const bytes = Buffer.alloc(sizeBytes, ' ');
      bytes.write(text);
      entries.set(clean(path), { content: bytes, mode: 0o600 });
    },
    makeDirectory: async (path, { mode }) => {
      for (let folder = clean(path); !entries.has(folder); folder = dirname(folder))
        entries.set(folder, { content: undefined, mode: 0o755 });
      entries.set(clean(path), { content: undefined, mode });
    },
    // There are no links that anybody could have put in the way.
    makeDirectoryIn: (base, below, options) => files.makeDirectory(`${base}/${below}`, options),
    facts: async path => {
      const entry = entries.get(clean(path));
      if (entry === undefined) return undefined;
      const kind = entry.content === undefined ? 'directory' : 'file';
      return { kind, sizeBytes: entry.content?.length ?? 0, mode: entry.mode, uid: 0, gid: 0 };
    },
    setAccess: async (path, { mode }) => {
      const entry = entries.get(clean(path));
      if (entry === undefined)
        throw new PilotageError('file-failed', `cannot set the access of ${path}`, {
          path,
          errno: 'ENOENT',
        });
      entry.mode = mode;
    },
    list: async path => {
      const folder = clean(path);
      return [...entries.keys()]
        .filter(key => key !== folder && dirname(key) === folder)
        .map(key => key.slice(key.lastIndexOf('/') + 1))
        .sort();
    },
    remove: async path => {
      for (const key of entries.keys())
        if (key === clean(path) || key.startsWith(`${clean(path)}/`)) entries.delete(key);
    },
    freeBytes: async () => 1_000_000_000,
    totalBytes: async () => 2_000_000_000,
    freeShares: async () => ({ bytes: 0.5, inodes: 0.75 }),
    watch: () => ({ stop: () => undefined }),
  };
  return files;
};
