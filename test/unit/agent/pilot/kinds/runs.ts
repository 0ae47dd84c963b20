import { parseContext } from '../../../../../agent/context/parse.ts';
import type { PilotsContext, PilotsOf } from '../../../../../agent/context/schema/pilots.ts';
import type { PilotRun } from '../../../../../agent/pilot/kinds/kind.ts';
import { planSlots } from '../../../../../agent/pilot/slots.ts';

/** The first run of the first slot of a VM with four cores. */
export const runOf = <K extends PilotsContext['kind']>(
  kind: K,
  pilots: object,
  rest: object = {},
): PilotRun<PilotsOf<K>> => {
  const text = JSON.stringify({ version: 1, pilots: { kind, ...pilots }, ...rest });
  const { context } = parseContext([{ name: 'c', text }]);
  const [slot] = planSlots(context, { cores: 4, memoryMb: 4000 });
  if (slot === undefined || context.pilots?.kind !== kind) throw new Error('no slot of that kind');
  return {
    pilots: context.pilots as PilotsOf<K>,
    context,
    slot,
    unit: { slot: slot.name, generation: 1 },
    owner: { uid: 1001, gid: 1000 },
    places: {
      folder: '/run/pilotage/pilots/00-1',
      status: '/run/pilotage/pilots/00-1/status',
      stdout: '/var/log/pilotage/00-1.out',
      home: '/scratch/plt00',
      scratch: '/scratch',
      secrets: '/run/pilotage/credentials',
    },
    at: path => path,
    vm: { name: 'i-0a b', endsAtS: 2_000_000_000 },
    environment: { PATH: '/bin', MACHINEFEATURES: '/mf', http_proxy: "http://it's:3128" },
  };
};
