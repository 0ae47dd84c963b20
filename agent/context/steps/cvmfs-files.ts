import { configurationFiles } from './configuration-files.ts';
import { reloadClient } from './cvmfs-programs.ts';
import type { Executor } from './executor.ts';

/** The client's configuration. Clients that are at work already are told to read it anew. */
export const cvmfsFiles: Executor<'cvmfs'> = {
  apply: async (step, ports, previous) => {
    await configurationFiles.apply(step, ports, previous);
    if (ports.system.hasKernel) await reloadClient(ports);
  },
  undo: async (step, ports) => {
    await configurationFiles.undo(step, ports);
    if (ports.system.hasKernel) await reloadClient(ports);
  },
};
