import { createHttp } from '../../platform/undici-http.ts';
import { createFolderDisks, createMountedDisks } from '../context/sources/disks.ts';
import type { LearnPorts } from '../context/sources/learn.ts';
import type { AgentPorts } from '../ports.ts';
import { metadataOptions } from './metadata-options.ts';

/** What the sources work with. */
export const createSourcePorts = (
  { files, clock, log, exec, kind }: AgentPorts,
  env: Readonly<Record<string, string | undefined>>,
): LearnPorts => ({
  files,
  clock,
  log,
  http: createHttp,
  disks: kind === 'folder' ? createFolderDisks(files) : createMountedDisks(files, exec),
  options: metadataOptions(env),
});
