import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is costly and unchanged is kept between runs, outside every checkout. */
export const cacheRoot = (): string =>
  process.env.PILOTAGE_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pilotage');

/** A short name for content: 16 hexadecimal digits over all the parts, in order. */
export const digestOf = (parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
};

const HOUR_MS = 3_600_000;

/** Leaves the `keep` entries of a kind that were used last, and removes what broken builds left. */
const prune = (root: string, kind: string, keep: number): void => {
  const entries = readdirSync(root)
    .filter(name => name.startsWith(`${kind}-`))
    .map(name => ({ path: join(root, name), usedMs: statSync(join(root, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  const old = entries.filter(({ path }) => !path.endsWith('.new')).slice(keep);
  const broken = entries.filter(
    ({ path, usedMs }) => path.endsWith('.new') && usedMs < Date.now() - HOUR_MS,
  );
  for (const { path } of [...old, ...broken]) rmSync(path, { recursive: true, force: true });
};

/**
 * The folder of a kind and content key; built first if there is none. It appears at once and whole,
 * so that a broken build leaves nothing that looks finished, and two builds at once do no harm.
 * @param build fills the empty folder it is given
 */
export const cachedFolder = async (
  kind: string,
  key: string,
  build: (folder: string) => Promise<void>,
  keep = 2,
): Promise<string> => {
  const root = cacheRoot();
  const folder = join(root, `${kind}-${key}`);
  if (!existsSync(folder)) {
    const beside = `${folder}.${process.pid}.new`;
    rmSync(beside, { recursive: true, force: true });
    mkdirSync(beside, { recursive: true });
    try {
      await build(beside);
      if (!existsSync(folder)) renameSync(beside, folder);
    } finally {
      rmSync(beside, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(folder, now, now);
  prune(root, kind, keep);
  return folder;
};
