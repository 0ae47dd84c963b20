import { handOut } from '../../credentials/copies.ts';
import type { Executor } from './executor.ts';

/** A memory-backed file that only its user can read, in a folder that only this user can enter. */
export const credential: Executor<'credential'> = {
  apply: ({ path, owner, content }, ports) => handOut([{ path, owner }], content, ports),
  undo: ({ path }, { files }) => files.remove(path),
};
