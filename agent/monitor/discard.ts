import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';

/** Takes away a folder of a pilot that has ended: out of sight at once, gone in its own time. */
export type Discard = (path: string) => Promise<void>;

const MOVE_MS = 30_000;
/** A pilot may have left millions of files. */
const REMOVE_MS = 3_600_000;

/** @param bin a folder of root's own on the same filesystem; what an agent before this one left in it goes too */
export const createDiscard =
  ({ files, exec, log }: { files: Files; exec: Exec; log: Log }, bin: string): Discard =>
  async path => {
    if ((await files.facts(path)) === undefined) return;
    await files.makeDirectory(bin, { mode: 0o700 });
    const target = `${bin}/${basename(path)}.${randomBytes(4).toString('hex')}`;
    await exec.run('mv', ['-T', '--', files.locate(path), files.locate(target)], {
      timeoutMs: MOVE_MS,
    });
    const all = (await files.list(bin)).map(name => files.locate(`${bin}/${name}`));
    const args = ['-n', '19', 'rm', '-rf', '--one-file-system', '--', ...all];
    exec
      .run('nice', args, { timeoutMs: REMOVE_MS, allowedExitCodes: [0, 1] })
      .catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'what pilots left could not be removed'),
      );
  };
