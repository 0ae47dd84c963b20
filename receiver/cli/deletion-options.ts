import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { messageOf, PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { ReceiverConfig } from '../http/ports.ts';
import { durationOption } from './duration-option.ts';

/** What every hook gets of our environment: where programs, and the clouds' settings of this user, are. */
const HANDED_ON = ['PATH', 'HOME', 'LANG', 'TZ'];

/** How VMs are deleted that are billed although they are off. */
export const deletionOptions = <T>(argv: Argv<T>) =>
  argv
    .option('delete-hook', {
      type: 'string',
      describe: 'Program that deletes a VM in its cloud; receiver/hooks/ has one for each',
    })
    .option('delete-hook-timeout', {
      type: 'string',
      default: '2m',
      coerce: durationOption('delete-hook-timeout'),
      describe: 'After which it is ended, and asked again later',
    })
    .option('delete-hook-env', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe:
        'Variable that it gets of this program’s environment, such as AWS_PROFILE; repeat it',
    })
    .option('delete-lost-after', {
      type: 'string',
      coerce: durationOption('delete-lost-after'),
      describe: 'Silence after which a VM is given up and deleted; without it never',
    });

interface DeletionArgs {
  deleteHook: string | undefined;
  deleteHookTimeout: number;
  deleteHookEnv: string[];
  deleteLostAfter: number | undefined;
  stallAfter: number;
}

const environment = (names: readonly string[]): Record<string, string> => {
  const wanted = new Set([...HANDED_ON, ...names]);
  const given = Object.entries(process.env).filter(([name]) => wanted.has(name));
  return Object.fromEntries(given.map(([name, value = '']) => [name, value]));
};

/** A program of ours that anybody could replace would delete whatever they like. */
const checkHook = async (files: Files, program: string): Promise<void> => {
  const facts = await files.facts(program);
  if (facts?.kind !== 'file')
    throw new PilotageError('usage', `--delete-hook ${program} is no file`, { program });
  if ((facts.mode & 0o022) !== 0)
    throw new PilotageError(
      'usage',
      `--delete-hook ${program} can be changed by others than its owner: chmod go-w ${program}`,
      { program },
    );
  try {
    accessSync(program, constants.X_OK);
  } catch (error) {
    const message = `--delete-hook ${program} cannot be run: ${messageOf(error)}`;
    throw new PilotageError('usage', message, { program }, error);
  }
};

/** Fails with `usage`. */
export const deletionsOf = async (
  files: Files,
  args: DeletionArgs,
): Promise<NonNullable<ReceiverConfig['deletions']>> => {
  const { deleteLostAfter: lostAfterMs, deleteHookTimeout: timeoutMs, stallAfter } = args;
  if (lostAfterMs !== undefined && lostAfterMs <= stallAfter)
    throw new PilotageError('usage', '--delete-lost-after must be longer than --stall-after');
  if (timeoutMs < 1000)
    throw new PilotageError('usage', '--delete-hook-timeout must be at least 1s');
  if (args.deleteHook === undefined) return { lostAfterMs };
  const program = resolve(args.deleteHook);
  await checkHook(files, program);
  return { hook: { program, timeoutMs, env: environment(args.deleteHookEnv) }, lostAfterMs };
};
