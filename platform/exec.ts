import { spawn } from 'node:child_process';
import { PilotageError } from './errors.ts';

export interface ExecOptions {
  timeoutMs: number;
  /** Written to its standard input, which is then closed. */
  input?: string;
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
 * Fails with `command-failed` or `command-timeout`, with the end of its error output in the message.
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
      });
      let timedOut = false;
      // The whole session ends, so that no grandchild keeps the pipes open.
      const kill = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          child.kill('SIGKILL');
        }
      };
      const timer = setTimeout(() => {
        timedOut = true;
        kill();
      }, options.timeoutMs);
      options.signal?.addEventListener('abort', kill, { once: true });
      child.stdout.on('data', stdout.add);
      child.stderr.on('data', stderr.add);
      // A program that does not read its input is no failure of ours.
      child.stdin.on('error', () => child.stdin.destroy());
      child.stdin.end(options.input ?? '');
      const finish = (): void => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', kill);
      };
      child.on('error', error => {
        finish();
        reject(new PilotageError('command-failed', `cannot start ${command}`, { command }, error));
      });
      child.on('close', (code, signal) => {
        finish();
        const result = { exitCode: code ?? 128, stdout: stdout.text(), stderr: stderr.text() };
        if (timedOut)
          return reject(
            new PilotageError(
              'command-timeout',
              `${command} did not end within ${options.timeoutMs} ms`,
              { command, ...result },
            ),
          );
        if (code !== null && (options.allowedExitCodes ?? [0]).includes(code))
          return resolve(result);
        const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
        const said = (result.stderr.trim() || result.stdout.trim()).slice(-500);
        reject(
          new PilotageError(
            'command-failed',
            `${command} ${how}${said === '' ? '' : `: ${said}`}`,
            { command, ...result },
          ),
        );
      });
    }),
});
