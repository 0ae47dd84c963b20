import type { PeekThing } from '../../protocol/peek.ts';
import type { Monitor } from '../monitor/tick.ts';
import { createPeeker, type Peeker } from '../peek/peeker.ts';
import type { PilotInView } from '../peek/pilot-in-view.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import type { AgentPorts } from '../ports.ts';
import type { Uplink } from '../uplink/uplink.ts';

export interface PilotPeekerParts {
  monitor: Pick<Monitor, 'runOf'>;
  /** What the context lets be looked at. */
  allowed(): readonly PeekThing[];
  answer: Uplink['peeked'];
  acknowledged(): void;
}

/** A run as whoever looks at it has to know it. */
export const inView = async (
  { slot, unit, owner, places }: PilotRun,
  { users, kind }: Pick<AgentPorts, 'users' | 'kind'>,
): Promise<PilotInView> => {
  const names = [slot.user, ...(slot.payloadUsers ?? [])];
  const known = await Promise.all(
    names.map(async name => [(await users.find(name))?.uid, name] as const),
  );
  return {
    unit,
    // In a folder that stands for a machine all pilots run as ourselves.
    owner: kind === 'folder' ? undefined : owner,
    users: new Map(
      kind === 'folder'
        ? []
        : known.flatMap(([uid, name]) => (uid === undefined ? [] : [[uid, name]])),
    ),
    home: places.home,
    folder: places.folder,
  };
};

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
