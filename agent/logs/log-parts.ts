import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { SparseFiles } from '../../platform/sparse-files.ts';
import { PATHS } from '../paths.ts';
import { floorName, type LogPart, parsePartName, partName } from './part-name.ts';

/** What lies beside the logs: their compressed parts, and where each log itself begins to hold bytes. */
export interface LogParts {
  of(log: string): { floor: number; parts: readonly LogPart[] };
  add(log: string, part: LogPart): void;
  /** In memory: a reader then knows that these bytes are no longer to be had from the log itself. */
  raise(log: string, floor: number): void;
  /** Where the log begins is remembered over a restart. */
  save(log: string): Promise<void>;
  remove(log: string, from: number): Promise<void>;
  removeAll(log: string): Promise<void>;
}

interface Beside {
  floor: number;
  parts: LogPart[];
}

const FLOOR_BYTES = 32;
const at = (name: string): string => `${PATHS.oldLogs}/${name}`;

const readFloor = async (files: Files, name: string, log: Log): Promise<number> => {
  try {
    const text = (await files.read(at(name), FLOOR_BYTES))?.trim() ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : 0;
  } catch (error) {
    log.warn({ name, error: messageOf(error) }, 'where a log begins cannot be read');
    return 0;
  }
};

/** As they are on the disk; what belongs to no log any more is removed. */
export const loadLogParts = async (
  { files, sparse, log }: { files: Files; sparse: SparseFiles; log: Log },
  logs: ReadonlySet<string>,
): Promise<LogParts> => {
  const known = new Map<string, Beside>();
  const of = (name: string): Beside => {
    const beside = known.get(name) ?? { floor: 0, parts: [] };
    known.set(name, beside);
    return beside;
  };
  for (const name of await files.list(PATHS.oldLogs)) {
    const found = parsePartName(name);
    if (found === undefined || !logs.has(found.log)) {
      await files.remove(at(name));
      continue;
    }
    const beside = of(found.log);
    if (found.part === undefined)
      beside.floor = Math.max(beside.floor, await readFloor(files, name, log));
    else {
      const { diskBytes = 0 } = (await sparse.measure(at(name))) ?? {};
      beside.parts.push({ ...found.part, diskBytes });
    }
  }
  for (const beside of known.values()) {
    beside.parts.sort((a, b) => a.from - b.from);
    beside.floor = Math.max(beside.floor, beside.parts.at(-1)?.to ?? 0);
  }

  const write = (name: string, floor: number): Promise<void> =>
    files.overwrite(at(floorName(name)), String(floor), FLOOR_BYTES);

  return {
    of,
    add: (name, part) => {
      const beside = of(name);
      beside.parts = [...beside.parts.filter(({ from }) => from !== part.from), part];
    },
    raise: (name, floor) => {
      const beside = of(name);
      beside.floor = Math.max(beside.floor, floor);
    },
    save: async name => {
      const { floor, parts } = of(name);
      // The last part's name says it as well, and survives as surely.
      if (parts.at(-1)?.to !== floor) await write(name, floor);
    },
    remove: async (name, from) => {
      const beside = of(name);
      const part = beside.parts.find(each => each.from === from);
      if (part === undefined) return;
      if (beside.parts.length === 1) await write(name, beside.floor);
      beside.parts = beside.parts.filter(each => each !== part);
      await files.remove(at(partName(name, part)));
    },
    removeAll: async name => {
      const { parts } = of(name);
      known.delete(name);
      for (const part of parts) await files.remove(at(partName(name, part)));
      await files.remove(at(floorName(name)));
    },
  };
};
