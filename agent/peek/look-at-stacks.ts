import { isPilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files, Ownership } from '../../platform/files.ts';
import { asTree, type ProcessFacts, plain } from './process-facts.ts';
import { readOr } from './read-proc.ts';

/** Bounds of what is read, so that a pilot with many threads costs no more than one with few. */
const PROCESSES = 64;
const THREADS = 200;
const THREADS_EACH = 16;
const FRAMES = 24;
const STACK_BYTES = 16 * 1024;

/** Programs that show a process's own stack, as far as they are installed; the first one is used. */
const TRACERS: readonly { program: string; args(pid: number): string[] }[] = [
  {
    program: '/usr/bin/eu-stack',
    args: pid => ['-n', String(FRAMES), '-p', String(pid)],
  },
  {
    program: '/usr/bin/gdb',
    // Nothing that the pilot may have put somewhere is loaded or run.
    args: pid => [
      ...['--batch', '-nx', '-nh', '-iex', 'set auto-load off'],
      ...['-iex', 'set debuginfod enabled off', '-iex', 'set pagination off'],
      ...['-p', String(pid), '-ex', `thread apply all bt ${FRAMES}`],
    ],
  },
];
const TRACED = 4;
const TRACE_MS = 10_000;
const TRACE_BYTES = 12 * 1024;
const TRACE_MEMORY = 1024 * 1024 * 1024;

export interface StackPorts {
  host: Files;
  exec: Exec;
}

const kernelStack = (text: string | undefined): string =>
  (text ?? '')
    .trim()
    .split('\n')
    .filter(line => line !== '')
    .slice(0, FRAMES)
    .map(line => `    ${plain(line)}\n`)
    .join('');

/** Where one thread is in the kernel: proc(5), `wchan`, `syscall` and `stack`. */
const readThread = async (host: Files, pid: number, tid: string): Promise<string> => {
  const at = `/proc/${pid}/task/${tid}`;
  const stat = (await readOr(host, `${at}/stat`)) ?? '';
  const end = stat.lastIndexOf(')');
  const name = plain(stat.slice(stat.indexOf('(') + 1, Math.max(0, end)));
  const state = stat.slice(end + 2, end + 3);
  const wchan = plain((await readOr(host, `${at}/wchan`)) ?? '');
  const call = plain((await readOr(host, `${at}/syscall`))?.trim().split(' ')[0] ?? '');
  const where = wchan === '' || wchan === '0' ? '' : `, waits in ${wchan}`;
  const within = /^\d+$/.test(call) ? `, system call ${call}` : '';
  const stack = kernelStack(await readOr(host, `${at}/stack`, STACK_BYTES));
  return `  thread ${tid} (${name}) ${state}${where}${within}\n${stack}`;
};

const findTracer = async (host: Files) => {
  for (const tracer of TRACERS) if ((await host.facts(tracer.program)) !== undefined) return tracer;
  return undefined;
};

const trace = async (
  { host, exec }: StackPorts,
  processes: readonly ProcessFacts[],
  owner: Ownership | undefined,
): Promise<string> => {
  const tracer = await findTracer(host);
  if (tracer === undefined) return '';
  let text = '';
  for (const { pid, name } of processes.slice(0, TRACED)) {
    text += `\n${tracer.program} of ${pid} (${name}):\n`;
    try {
      const bound = ['-n', '500', '--', 'prlimit', `--as=${TRACE_MEMORY}`, '--core=0', '--'];
      const { stdout } = await exec.run('choom', [...bound, tracer.program, ...tracer.args(pid)], {
        timeoutMs: TRACE_MS,
        maxOutputBytes: TRACE_BYTES,
        allowedExitCodes: [0, 1],
        ...(owner === undefined ? {} : { owner }),
      });
      text += stdout.replaceAll(/[^\P{Cc}\n\t]/gu, '?');
    } catch (error) {
      if (!isPilotageError(error)) throw error;
      text += `  ${plain(error.message).slice(0, 300)}\n`;
    }
  }
  return text;
};

/**
 * Where each process of a pilot hangs: in the kernel, and in its own program where a tracer is installed, which
 * runs with the pilot's user.
 */
export const showStacks = async (
  ports: StackPorts,
  processes: readonly ProcessFacts[],
  owner: Ownership | undefined,
): Promise<string> => {
  const { host } = ports;
  const tree = asTree(processes).slice(0, PROCESSES);
  let left = THREADS;
  let text = '';
  for (const { process } of tree) {
    text += `${process.pid} (${process.name}) ${process.state}: ${process.command}\n`;
    const threads = await host.list(`/proc/${process.pid}/task`).catch((error: unknown) => {
      if (isPilotageError(error)) return [];
      throw error;
    });
    const read = threads.slice(0, Math.min(left, THREADS_EACH));
    for (const tid of read) text += await readThread(host, process.pid, tid);
    if (threads.length > read.length) text += `  ${threads.length - read.length} more threads\n`;
    left -= read.length;
  }
  if (processes.length > tree.length) text += `${processes.length - tree.length} more processes\n`;
  const ordered = tree.map(({ process }) => process).filter(({ state }) => state !== 'Z');
  return `${text}${await trace(ports, ordered, owner)}`;
};
