import type { PilotRun } from '../pilot/kinds/kind.ts';
import type { AgentPorts } from '../ports.ts';
import type { PilotInView } from './pilot-in-view.ts';

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
