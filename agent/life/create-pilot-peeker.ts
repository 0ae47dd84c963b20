import type { PeekThing } from '../../protocol/peek.ts';
import type { Monitor } from '../monitor/tick.ts';
import { inView } from '../peek/in-view.ts';
import { createPeeker, type Peeker } from '../peek/peeker.ts';
import type { AgentPorts } from '../ports.ts';
import type { Uplink } from '../uplink/uplink.ts';

export interface PilotPeekerParts {
  monitor: Pick<Monitor, 'runOf'>;
  /** What the context lets be looked at. */
  allowed(): readonly PeekThing[];
  answer: Uplink['peeked'];
  acknowledged(): void;
}

/** Looks at the pilots of one agent. */
export const createPilotPeeker = (ports: AgentPorts, parts: PilotPeekerParts): Peeker => {
  const { clock, exec, files, host, units, log } = ports;
  const { monitor, ...told } = parts;
  return createPeeker({
    ...{ clock, exec, files, host, units, log },
    ...told,
    find: async slot => {
      const run = await monitor.runOf(slot);
      return run === undefined ? undefined : inView(run, ports);
    },
  });
};
