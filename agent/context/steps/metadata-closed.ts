import type { Executor } from './executor.ts';

/** Root still reads it: the agent that polls for the end of a spot VM, cloud-init, the cloud's own agents. */
export const metadataClosed: Executor<'metadata-closed'> = {
  apply: ({ services }, { packetFilter }) => packetFilter.close(services),
  undo: (_step, { packetFilter }) => packetFilter.open(),
  holds: ({ services }, { packetFilter }) => packetFilter.isClosed(services),
};
