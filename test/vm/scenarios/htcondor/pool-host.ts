import { resolve } from 'node:path';
import { buildCondorRoot } from '../../../htcondor/condor-root.ts';
import { startNamespaceMachine } from '../../../htcondor/namespace-machine.ts';
import { type Pool, startPool } from '../../../htcondor/pool.ts';
import type { Bed } from '../../bed.ts';
import type { Forward } from '../../qemu-command.ts';

const AGENT = resolve(import.meta.dirname, '../../../../dist/pilotage-agent');
/** Condor's own; the collector, the schedd and their kin are all behind it. */
const PORT = 9618;

/** Where the guest finds the pool, and what the pool takes for its own address. */
export const POOL_ADDRESS = '10.0.2.100';

export interface HostPool extends Pool {
  forward: Forward;
  /** A shell's text on the pool's machine. */
  run(script: string): Promise<string>;
}

/**
 * A pool on a machine of its own, beside the VM. The guest reaches it at one address and port; it cannot
 * reach the guest, as with a private address: all that way goes through its connection broker.
 */
export const startHostPool = async (bed: Bed): Promise<HostPool> => {
  const root = await buildCondorRoot(bed.say);
  const machine = await startNamespaceMachine(root, AGENT, [POOL_ADDRESS]);
  bed.onClose(machine.stop);
  const pool = await startPool(machine, POOL_ADDRESS);
  return {
    ...pool,
    run: script => machine.run(`export CONDOR_CONFIG=/pool/condor_config\n${script}`),
    forward: {
      guest: `${POOL_ADDRESS}:${PORT}`,
      hostPort: PORT,
      elsewhere: { network: machine.network(), address: POOL_ADDRESS },
    },
  };
};
