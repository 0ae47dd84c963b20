import { type FileHandle, open, readlink, stat } from 'node:fs/promises';
import { errnoOf } from '../../platform/errors.ts';
import type { Exec, ExecResult } from '../../platform/exec.ts';
import type { Ownership } from '../../platform/files.ts';

/** A program with its arguments. No shell stands in between. */
export type RunAsPilot = (
  program: string,
  args: readonly string[],
  options: { timeoutMs: number; maxOutputBytes: number; allowedExitCodes?: readonly number[] },
) => Promise<ExecResult>;

export interface PilotEyes {
  run: RunAsPilot;
  /** True if its files are not just ours: it has a /tmp of its own. */
  hasOwnView: boolean;
  close(): Promise<void>;
}

const link = (pid: number | 'self', what: string): Promise<string> =>
  readlink(`/proc/${pid}/ns/${what}`);

const rootOf = async (path: string): Promise<string> => {
  const { dev, ino } = await stat(path);
  return `${dev}:${ino}`;
};

type View = 'same' | 'strange' | FileHandle;

/**
 * The mount namespace of a process, if it is one that our system made: of the same users as ours and with the
 * same root. What a pilot made by itself, as for a container, may hold programs of its own, and is not entered.
 * The namespace is held before it is judged, so that it cannot be exchanged in between.
 */
const openView = async (pid: number): Promise<View> => {
  let handle: FileHandle | undefined;
  try {
    if ((await link(pid, 'mnt')) === (await link('self', 'mnt'))) return 'same';
    handle = await open(`/proc/${pid}/ns/mnt`, 'r');
    const isOurs =
      (await link(pid, 'user')) === (await link('self', 'user')) &&
      (await rootOf(`/proc/${pid}/root`)) === (await rootOf('/'));
    if (isOurs) return handle;
  } catch (error) {
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  }
  await handle?.close();
  return 'strange';
};

/** Of those that are looked at for one. */
const WITNESSES = 8;

/** The first view that is ours to enter; `undefined` where it is no other than our own. */
const findView = async (pids: readonly number[]): Promise<FileHandle | undefined> => {
  for (const pid of pids.slice(0, WITNESSES)) {
    const view = await openView(pid);
    if (view === 'same') return undefined;
    if (view !== 'strange') return view;
  }
  return undefined;
};

/**
 * Runs programs of the system with the pilot's user and no other groups, and sees the files as its oldest processes
 * do. The kernel refuses what the pilot itself could not read.
 * @param owner `undefined` where pilots run as ourselves
 */
export const openEyes = async (
  exec: Exec,
  pids: readonly number[],
  owner: Ownership | undefined,
): Promise<PilotEyes> => {
  const view = owner === undefined ? undefined : await findView(pids.toSorted((a, b) => a - b));
  const enter =
    view === undefined || owner === undefined
      ? undefined
      : [
          `--mount=/proc/${process.pid}/fd/${view.fd}`,
          '--',
          ...['setpriv', '--reuid', String(owner.uid), '--regid', String(owner.gid)],
          ...['--clear-groups', '--no-new-privs', '--'],
        ];
  return {
    hasOwnView: enter !== undefined,
    run: (program, args, options) =>
      enter === undefined
        ? exec.run(program, args, owner === undefined ? options : { ...options, owner })
        : exec.run('nsenter', [...enter, program, ...args], options),
    close: async () => view?.close(),
  };
};
