import { isPilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { PilotUnits, UnitName } from '../pilot/unit/unit.ts';
import { type ProcessFacts, parseProcess } from './process-facts.ts';
import type { GroupUse } from './show-processes.ts';

const FILE_BYTES = 64 * 1024;
const COMMAND_BYTES = 256 * 1024;
/** Processes of one pilot that are looked at. */
const MOST = 2000;

/** What a file of /proc or of a control group says; `undefined` where it has gone, or may not be read. */
export const readOr = async (
  host: Files,
  path: string,
  maxBytes = FILE_BYTES,
): Promise<string | undefined> => {
  try {
    return await host.read(path, maxBytes);
  } catch (error) {
    if (isPilotageError(error)) return undefined;
    throw error;
  }
};

const readProcess = async (host: Files, pid: number): Promise<ProcessFacts | undefined> => {
  const at = `/proc/${pid}`;
  const stat = (await readOr(host, `${at}/stat`)) ?? '';
  const status = (await readOr(host, `${at}/status`)) ?? '';
  // Whoever reads the arguments of a process that hangs in the kernel may hang with it.
  const hangs = stat.slice(stat.lastIndexOf(')')).startsWith(') D ');
  const cmdline = hangs ? '' : ((await readOr(host, `${at}/cmdline`, COMMAND_BYTES)) ?? '');
  return parseProcess({ stat, status, cmdline });
};

/** The processes of one pilot and no others. One that ends meanwhile is none. */
export const readProcesses = async (
  { host, units }: { host: Files; units: PilotUnits },
  unit: UnitName,
): Promise<ProcessFacts[]> => {
  const pids = [...new Set(await units.members(unit))].slice(0, MOST);
  const found = [];
  for (const pid of pids) found.push(await readProcess(host, pid));
  return found.filter(process => process !== undefined);
};

/** ms since the boot, by the clock that processes' starts are told by; `0` where it cannot be read. */
export const readUptimeMs = async ({ host }: { host: Files }): Promise<number> =>
  Number(/^\d+\.\d+/.exec((await readOr(host, '/proc/uptime')) ?? '')?.[0] ?? 0) * 1000;

/** A unit of systemd, or the group of a run where there is no systemd. */
const OWN_GROUP =
  /^0::(\/(?:.*?\/)?(?:pilotage-pilot-[^/]+\.service|\d{2,5}-\d{1,9}\/pilot))(?:\/|$)/m;

/** The control group (v2) of the pilot that a process belongs to; `undefined` if it is in none of ours. */
export const groupOf = async (host: Files, pid: number): Promise<string | undefined> => {
  const text = (await readOr(host, `/proc/${pid}/cgroup`)) ?? '';
  const path = OWN_GROUP.exec(text)?.[1];
  return path === undefined ? undefined : `/sys/fs/cgroup${path}`;
};

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined || !/^\d+\s*$/.test(text) ? undefined : Number(text);

/** What the group of a pilot's processes has counted; nothing where there is none. */
export const readGroupUse = async (host: Files, pid: number | undefined): Promise<GroupUse> => {
  const group = pid === undefined ? undefined : await groupOf(host, pid);
  if (group === undefined) return {};
  const usedBytes = numberOf(await readOr(host, `${group}/memory.current`));
  const mostBytes = numberOf(await readOr(host, `${group}/memory.max`));
  const tasks = numberOf(await readOr(host, `${group}/pids.current`));
  return {
    ...(usedBytes === undefined ? {} : { memory: { usedBytes, mostBytes } }),
    ...(tasks === undefined ? {} : { tasks }),
  };
};
