import { spawn } from 'node:child_process';
import { PilotageError } from './errors.ts';

export interface ExecOptions {
  timeoutMs: number;
  /** Written to its standard input, which is then closed. */
  input?: string;
  /** As whom it runs, with no other groups; as ourselves if not said. */
  owner?: { uid: number; gid: number };
  /** The whole environment; nothing of ours is handed on. */
  env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure; just 0 if not said. */
  allowedExitCodes?: readonly number[];
  /** Bytes kept of each stream, the last ones; 64 KiB if not said. */
  maxOutputBytes?: number;
  signal?: AbortSignal;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs programs, never through a shell. Arguments must hold no secret: those go by `input` or a file.
 * What a program leaves running behind it is let be. Fails with `command-failed` or `command-timeout`,
 * with the end of its error output in the message; an abort of the signal is a `command-failed`. The context
 * of a `command-timeout` has the `pid`, which leads a group: what hangs in the kernel outlives KILL.
 */
export interface Exec {
  run(command: string, args: readonly string[], options: ExecOptions): Promise<ExecResult>;
}

/** A safe environment for programs of the system. */
export const SYSTEM_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

const createTail = (maxBytes: number) => {
  let kept = Buffer.alloc(0);
  return {
    add: (chunk: Buffer): void => {
      const joined = Buffer.concat([kept, chunk]);
      kept = joined.subarray(Math.max(0, joined.length - maxBytes));
    },
    text: (): string => kept.toString('utf8'),
  };
};

/** How long a program's output is waited for once it has ended or been killed, ms. */
const LEFTOVER_MS = 1000;

const complaint = (
  command: string,
  options: ExecOptions,
  result: ExecResult,
  how: string | undefined,
): PilotageError | undefined => {
  if (how === undefined && (options.allowedExitCodes ?? [0]).includes(result.exitCode))
    return undefined;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-500);
  return new PilotageError(
    'command-failed',
    `${command} ${how ?? `ended with exit code ${result.exitCode}`}${said === '' ? '' : `: ${said}`}`,
    { command, ...result },
  );
};

export const createExec = (): Exec => ({
  run: (command, args, options) =>
    new Promise((resolve, reject) => {
      const maxBytes = options.maxOutputBytes ?? 64 * 1024;
      const stdout = createTail(maxBytes);
      const stderr = createTail(maxBytes);
      const child = spawn(command, args, {
        env: { ...(options.env ?? SYSTEM_ENV) },
        stdio: 'pipe',
        detached: true,
        ...(options.owner ?? {}),
      });
      const timers = new Set<NodeJS.Timeout>();
      let timedOut = false;

      const finish = (how: string | undefined): void => {
        for (const timer of timers) clearTimeout(timer);
        options.signal?.removeEventListener('abort', stop);
        for (const stream of child.stdio) stream?.destroy();
        child.unref();
        const result = {
          exitCode: child.exitCode ?? 128,
          stdout: stdout.text(),
          stderr: stderr.text(),
        };
        const error = timedOut
          ? new PilotageError(
              'command-timeout',
              `${command} did not end within ${options.timeoutMs} ms`,
              { command, pid: child.pid, ...result },
            )
          : complaint(command, options, result, how);
        if (error === undefined) resolve(result);
        else reject(error);
      };
      const finishSoon = (how: string | undefined): void => {
        timers.add(setTimeout(finish, LEFTOVER_MS, how));
      };
      // The whole group ends, so that no grandchild works on. What has left the group may keep the
      // pipes open, and what hangs in the kernel may not even die: neither is waited for.
      const stop = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          child.kill('SIGKILL');
        }
        finishSoon('was stopped');
      };

      timers.add(
        setTimeout(() => {
          timedOut = true;
          stop();
        }, options.timeoutMs),
      );
      if (options.signal?.aborted === true) stop();
      options.signal?.addEventListener('abort', stop, { once: true });
      child.stdout.on('data', stdout.add);
      child.stderr.on('data', stderr.add);
      // A program that does not read its input is no failure of ours.
      child.stdin.on('error', () => child.stdin.destroy());
      child.stdin.end(options.input ?? '');
      child.on('error', error => {
        for (const timer of timers) clearTimeout(timer);
        options.signal?.removeEventListener('abort', stop);
        reject(new PilotageError('command-failed', `cannot start ${command}`, { command }, error));
      });
      const howOf = (signal: NodeJS.Signals | null): string | undefined =>
        signal === null ? undefined : `was ended by ${signal}`;
      child.on('exit', (_code, signal) => finishSoon(howOf(signal)));
      child.on('close', (_code, signal) => finish(howOf(signal)));
    }),
});
