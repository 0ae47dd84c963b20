import { isPilotageError, messageOf } from '../../platform/errors.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import { unitId } from '../pilot/unit/unit.ts';
import { showStacks } from './look-at-stacks.ts';
import type { LookPorts, PilotInView } from './pilot-in-view.ts';
import { lastLines } from './pilot-places.ts';
import type { ProcessFacts } from './process-facts.ts';
import { plain } from './process-facts.ts';
import { groupOf, readOr, readProcesses, readUptimeMs } from './read-proc.ts';
import { showPs } from './show-processes.ts';

/** What is known of a pilot that is about to be ended. */
export interface Evidence {
  text: string;
  /** How long ago the youngest of its processes began, ms; `undefined` where none is left. */
  youngestAgoMs: number | undefined;
}

const SECTION_CHARS = 32 * 1024;
const GROUP_FILES = [
  ...['cgroup.events', 'cpu.stat', 'cpu.pressure', 'memory.current', 'memory.high', 'memory.max'],
  ...['memory.events', 'memory.swap.current', 'memory.pressure', 'io.stat', 'io.pressure'],
  ...['pids.current', 'pids.max', 'pids.events'],
];
const FILES_OF = 32;
const FILES_EACH = 64;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 100;

const counters = async ({ host }: LookPorts, pid: number | undefined): Promise<string> => {
  const group = pid === undefined ? undefined : await groupOf(host, pid);
  if (group === undefined) return 'it has no control group of its own\n';
  let text = '';
  for (const name of GROUP_FILES) {
    const said = await readOr(host, `${group}/${name}`);
    if (said !== undefined) text += `${name}: ${said.trim().replaceAll('\n', ', ')}\n`;
  }
  return text;
};

/** A process ends while it is looked at, and then has nothing open. */
const orGone = async <T>(look: () => Promise<T>, none: T): Promise<T> => {
  try {
    return await look();
  } catch (error) {
    if (isPilotageError(error)) return none;
    throw error;
  }
};

const openFiles = async (
  { host }: LookPorts,
  processes: readonly ProcessFacts[],
): Promise<string> => {
  let text = '';
  for (const { pid, name } of processes.slice(0, FILES_OF)) {
    text += `${pid} (${name})\n`;
    const folder = `/proc/${pid}/fd`;
    const numbers = await orGone(() => host.list(folder), []);
    for (const number of numbers.slice(0, FILES_EACH)) {
      const target = await orGone(() => host.readLink(`${folder}/${number}`), undefined);
      if (target !== undefined) text += `  ${number} ${plain(target)}\n`;
    }
    if (numbers.length > FILES_EACH) text += `  ${numbers.length - FILES_EACH} more\n`;
  }
  return text;
};

const tailOf = async ({ files }: LookPorts, path: string): Promise<string> => {
  const sizeBytes = (await files.facts(path))?.sizeBytes ?? 0;
  const piece = await files.readPiece(path, Math.max(0, sizeBytes - TAIL_BYTES), TAIL_BYTES);
  return lastLines(piece?.toString('utf8') ?? '', TAIL_LINES);
};

/**
 * All that tells why a pilot does not get on: its processes, where they hang, what they have open, what its group
 * has counted, and its last words. Bounded in size, and in time as far as programs are run; what cannot be had is
 * said to be so.
 */
export const collectEvidence = async (
  ports: LookPorts,
  pilot: PilotInView,
  why: string,
): Promise<Evidence> => {
  const processes = await readProcesses(ports, pilot.unit);
  const nowMs = await readUptimeMs(ports);
  const nameOf = (uid: number | undefined): string =>
    uid === undefined ? '?' : (pilot.users.get(uid) ?? String(uid));
  const { stdout, stderr } = pilotFiles(pilot.unit);
  const sections: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['Processes', () => showPs(processes, nowMs, nameOf)],
    ['Control group', () => counters(ports, processes[0]?.pid)],
    ['Stacks', () => showStacks(ports, processes, pilot.owner)],
    ['Open files', () => openFiles(ports, processes)],
    ['The end of its output', () => tailOf(ports, stdout)],
    ['The end of its error output', () => tailOf(ports, stderr)],
  ];
  let text = `Pilot ${unitId(pilot.unit)} at ${new Date(ports.clock.wallMs()).toISOString()}: ${why}\n`;
  for (const [title, show] of sections) {
    text += `\n== ${title}\n`;
    try {
      const shown = await show();
      text += shown.length > SECTION_CHARS ? `${shown.slice(0, SECTION_CHARS)}\n(cut)\n` : shown;
    } catch (error) {
      text += `cannot be had: ${messageOf(error)}\n`;
    }
  }
  const ages = processes.map(({ startedMs }) => Math.max(0, nowMs - startedMs));
  return { text, youngestAgoMs: ages.length === 0 ? undefined : Math.min(...ages) };
};
