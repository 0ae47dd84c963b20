import { formatDuration } from '../../platform/duration.ts';
import { table } from '../../platform/table.ts';
import { asTree, type ProcessFacts } from './process-facts.ts';

/** What is shown of one pilot's processes, for people. */

const SHOWN = 500;
const DEEPEST = 20;

const size = (kb: number): string => {
  if (kb < 10_240) return `${kb}K`;
  return kb < 10_485_760 ? `${Math.round(kb / 1024)}M` : `${Math.round(kb / 1_048_576)}G`;
};

type NameOf = (uid: number | undefined) => string;

const shown = (all: number): string => (all > SHOWN ? `\n${all - SHOWN} more\n` : '\n');

/** Parents before children, children indented. */
export const showPs = (
  processes: readonly ProcessFacts[],
  nowMs: number,
  nameOf: NameOf,
): string => {
  const rows = asTree(processes)
    .slice(0, SHOWN)
    .map(({ process: { pid, parent, state, threads, cpuMs, ...of }, depth }) => [
      String(pid),
      String(parent),
      nameOf(of.uid),
      state,
      String(threads),
      formatDuration(cpuMs),
      size(of.residentKb),
      formatDuration(Math.max(0, nowMs - of.startedMs)),
      `${'  '.repeat(Math.min(depth, DEEPEST))}${of.command}`,
    ]);
  const head = ['PID', 'PPID', 'USER', 'S', 'THREADS', 'CPU', 'MEMORY', 'AGE', 'COMMAND'];
  return `${table(head, rows)}${shown(processes.length)}`;
};

/** What a pilot's group counts; lines that are missing are not known. */
export interface GroupUse {
  memory?: { usedBytes: number; mostBytes: number | undefined };
  tasks?: number;
}

const groupLine = ({ memory, tasks }: GroupUse): string => {
  const said = [];
  if (memory !== undefined) {
    const most = memory.mostBytes === undefined ? '' : ` of ${size(memory.mostBytes / 1024)}`;
    said.push(`memory ${size(Math.round(memory.usedBytes / 1024))}${most}, caches included`);
  }
  if (tasks !== undefined) said.push(`${tasks} tasks`);
  return said.length === 0 ? '' : `${said.join(', ')}\n`;
};

/** Those that use most first; what each has used of a core between two looks. */
export const showTop = (
  before: readonly ProcessFacts[],
  after: readonly ProcessFacts[],
  betweenMs: number,
  nameOf: NameOf,
  group: GroupUse,
): string => {
  const known = new Map(before.map(process => [process.pid, process]));
  const used = after.map(process => {
    const last = known.get(process.pid);
    const isSame = last?.startedMs === process.startedMs;
    return { process, cores: (process.cpuMs - (isSame ? last.cpuMs : 0)) / betweenMs };
  });
  used.sort((a, b) => b.cores - a.cores || b.process.residentKb - a.process.residentKb);
  const all = used.reduce((sum, { cores }) => sum + cores, 0);
  const kb = after.reduce((sum, { residentKb }) => sum + residentKb, 0);
  const rows = used
    .slice(0, SHOWN)
    .map(({ process: { pid, uid, state, threads, cpuMs, residentKb, command }, cores }) => [
      String(pid),
      nameOf(uid),
      state,
      String(threads),
      `${(100 * cores).toFixed(1)}%`,
      formatDuration(cpuMs),
      size(residentKb),
      command,
    ]);
  const head = ['PID', 'USER', 'S', 'THREADS', 'CORE', 'CPU', 'MEMORY', 'COMMAND'];
  return (
    `${after.length} processes, ${all.toFixed(2)} cores, ${size(kb)} resident\n${groupLine(group)}\n` +
    `${table(head, rows)}${shown(after.length)}`
  );
};
