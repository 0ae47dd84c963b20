import { dirname } from 'node:path';
import { messageOf, PilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files, Ownership } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Actor, Command, LaunchFile, PilotRun, TellStep } from '../pilot/kinds/kind.ts';
import { unitId } from '../pilot/unit/unit.ts';
import { createDownload, type DownloadPorts } from './download.ts';

/** Does what a kind says is to be written and run. */
export interface PilotHands {
  /** Makes the folders and files of a launch. Fails where a source of a copy is missing, or a download fails. */
  prepare(run: PilotRun, launchFiles: readonly LaunchFile[], signal?: AbortSignal): Promise<void>;
  /** Writes copies anew whose source has changed. */
  follow(run: PilotRun, launchFiles: readonly LaunchFile[]): Promise<void>;
  /** Standard output of a program that asks something. */
  ask(run: PilotRun, command: Command): Promise<string>;
  tell(run: PilotRun, steps: readonly TellStep[]): Promise<void>;
}

export interface HandPorts extends DownloadPorts {
  files: Files;
  exec: Exec;
  log: Log;
}

const COPY_BYTES = 1024 * 1024;
const ROOT: Ownership = { uid: 0, gid: 0 };

/** @param keepsApart false where all pilots run as ourselves, as in a folder that stands for a machine */
export const createPilotHands = (
  { files, exec, log, http, clock }: HandPorts,
  keepsApart: boolean,
): PilotHands => {
  const download = createDownload({ http, clock });

  const ownerOf = (run: PilotRun, actor: Actor): Ownership | undefined =>
    !keepsApart ? undefined : actor === 'root' ? ROOT : run.owner;

  const copyOf = async (path: string): Promise<string> => {
    const text = await files.read(path, COPY_BYTES);
    if (text !== undefined) return text;
    throw new PilotageError('file-failed', `${files.locate(path)} is missing`, { path });
  };

  const contentOf = async (
    content: NonNullable<LaunchFile['content']>,
    signal: AbortSignal | undefined,
  ): Promise<string | Buffer> => {
    if (typeof content === 'string') return content;
    return 'copyOf' in content ? copyOf(content.copyOf) : download(content.download, signal);
  };

  const execute = async (run: PilotRun, { program, args, ...command }: Command) => {
    const owner = ownerOf(run, command.user);
    return exec.run(program, args, {
      timeoutMs: command.timeoutMs,
      ...(command.maxOutputBytes === undefined ? {} : { maxOutputBytes: command.maxOutputBytes }),
      env: { PATH: run.environment.PATH ?? '', ...command.environment },
      ...(owner === undefined || owner.uid === 0 ? {} : { owner }),
    });
  };

  return {
    prepare: async (run, launchFiles, signal) => {
      for (const { path, mode, owner: actor, content } of launchFiles) {
        const options = { mode, owner: ownerOf(run, actor) };
        const { home } = run.places;
        // What is below it was made by payloads as much as by us.
        if (content === undefined && path.startsWith(`${home}/`))
          await files.makeDirectoryIn(home, path.slice(home.length + 1), options);
        else if (content === undefined) await files.makeDirectory(path, options);
        else await files.write(path, await contentOf(content, signal), options);
      }
    },
    follow: async (run, launchFiles) => {
      for (const { path, mode, owner: actor, content } of launchFiles) {
        if (typeof content !== 'object' || !('copyOf' in content)) continue;
        if ((await files.facts(dirname(path))) === undefined) continue;
        const [source, copy] = [await copyOf(content.copyOf), await files.read(path, COPY_BYTES)];
        if (source !== copy) await files.write(path, source, { mode, owner: ownerOf(run, actor) });
      }
    },
    ask: async (run, command) => (await execute(run, command)).stdout,
    tell: async (run, steps) => {
      for (const step of steps) {
        try {
          if (step.do === 'run') await execute(run, step.command);
          else
            await files.write(step.path, step.content, {
              mode: step.mode,
              owner: ownerOf(run, step.owner),
            });
        } catch (error) {
          log.warn(
            { unit: unitId(run.unit), error: messageOf(error) },
            'a pilot could not be told all of it',
          );
        }
      }
    },
  };
};
