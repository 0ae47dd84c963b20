import { splitStat, USER_HZ } from '../pilot/unit/proc-stat.ts';

/** One process as /proc shows it. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  name: string;
  /** One letter of proc(5): R, S, D, Z, T, … */
  state: string;
  threads: number;
  cpuMs: number;
  /** When it began, ms after the boot. */
  startedMs: number;
  residentKb: number;
  uid: number | undefined;
  /** Its arguments; its name in brackets where it has none. */
  command: string;
}

const MS_PER_TICK = 1000 / USER_HZ;
const COMMAND_CHARS = 300;

/** What a terminal could act on is shown as a question mark. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

const commandOf = (cmdline: string, name: string): string => {
  const words = cmdline.split('\0').filter(word => word !== '');
  return plain(words.length === 0 ? `[${name}]` : words.join(' ')).slice(0, COMMAND_CHARS);
};

/** proc(5): `stat`, `status` and `cmdline` of one process; `undefined` if it is none. A zombie is one. */
export const parseProcess = (text: {
  stat: string;
  status: string;
  cmdline: string;
}): ProcessFacts | undefined => {
  const { pid, fields, ...split } = splitStat(text.stat);
  const at = (index: number): number => Number(fields[index]);
  const numbers = { parent: at(1), threads: at(17), utime: at(11), stime: at(12), start: at(19) };
  if (![pid, ...Object.values(numbers)].every(Number.isFinite)) return undefined;
  const name = plain(split.name);
  const uid = /^Uid:\s+(\d+)/m.exec(text.status)?.[1];
  return {
    pid,
    parent: numbers.parent,
    name,
    state: fields[0] ?? '?',
    threads: numbers.threads,
    cpuMs: (numbers.utime + numbers.stime) * MS_PER_TICK,
    startedMs: numbers.start * MS_PER_TICK,
    residentKb: Number(/^VmRSS:\s+(\d+) kB/m.exec(text.status)?.[1] ?? 0),
    uid: uid === undefined ? undefined : Number(uid),
    command: commandOf(text.cmdline, name),
  };
};

/** Parents before their children, each with how deep it stands; what has no parent here comes first. */
export const asTree = (
  processes: readonly ProcessFacts[],
): { process: ProcessFacts; depth: number }[] => {
  const pids = new Set(processes.map(({ pid }) => pid));
  const sorted = [...processes].sort((a, b) => a.startedMs - b.startedMs || a.pid - b.pid);
  const children = Map.groupBy(sorted, ({ parent }) => parent);
  const placed: { process: ProcessFacts; depth: number }[] = [];
  const seen = new Set<number>();
  const waiting = sorted
    .filter(({ parent, pid }) => !pids.has(parent) || parent === pid)
    .map(process => ({ process, depth: 0 }));
  // A stack, so that neither a long chain nor a ring of parents, seen while they change, is a danger.
  waiting.reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { process, depth } = next;
    if (seen.has(process.pid)) continue;
    seen.add(process.pid);
    placed.push(next);
    const below = (children.get(process.pid) ?? []).map(child => ({
      process: child,
      depth: depth + 1,
    }));
    waiting.push(...below.reverse());
  }
  const rest = sorted.filter(({ pid }) => !seen.has(pid)).map(process => ({ process, depth: 0 }));
  return [...placed, ...rest];
};
