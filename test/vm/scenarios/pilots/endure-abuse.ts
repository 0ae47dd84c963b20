import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed } from '../../bed.ts';
import { type HostReceiver, patience } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import type { Abuse } from './abuses.ts';
import { giveTask } from './task-pilot.ts';

export interface World {
  bed: Bed;
  vm: Machine;
  receiver: HostReceiver;
  instanceId: string;
}

const PATIENCE_MS = 240_000;
const SLICE = '/sys/fs/cgroup/pilotage.slice/pilotage-pilots.slice';

/** What must go on whatever the abuser does. */
const lookAround = async ({ vm, receiver, instanceId }: World) => {
  const { output } = await vm.run(
    'cat /scratch/plt01/count; wc -l </scratch/plt01/starts; systemctl show -P NRestarts pilotage-agent',
  );
  const [count, starts, restarts] = output.split('\n').map(Number);
  const sequence = (await receiver.show(instanceId))?.sequence ?? 0;
  return { count: count ?? 0, starts, restarts, sequence };
};

/** Processes of the abuser's user in any group but that of its new unit. */
const LEFT_BEHIND = (unit: string): string =>
  `for pid in $(pgrep -U plt00); do grep -q '/pilotage-pilot-${unit}.service' /proc/$pid/cgroup 2>/dev/null || ps -o pid=,args= -p $pid; done`;

const abuser = async ({ receiver, instanceId }: World) =>
  (await receiver.show(instanceId))?.pilots.find(({ slot }) => slot === '00');

/** One abuse in slot 00, with a pilot at work in slot 01. */
export const endureAbuse = async (world: World, abuse: Abuse): Promise<void> => {
  const { bed, vm } = world;
  const { name, script, atBound, bound } = abuse;
  const generation = (await abuser(world))?.generation ?? 0;
  const group = `${SLICE}/pilotage-pilot-00-${generation}.service`;
  const before = await lookAround(world);
  await giveTask(vm, 'plt00', script);
  bed.say(`${name}: begun in generation ${generation}`);
  const held = await pollUntil(`the ${name} is at its bound`, patience(PATIENCE_MS), async () => {
    const { exitCode, output } = await vm.run(`group=${group}; ${atBound}`);
    return exitCode === 0 && output !== '' ? output.trim() : undefined;
  });
  bed.check(`${name}: contained`, bound.test(held), held);
  const during = await pollUntil('work and heartbeats go on', patience(PATIENCE_MS), async () => {
    const seen = await lookAround(world);
    const goesOn = seen.count > before.count + 3 && seen.sequence > before.sequence + 1;
    return goesOn ? seen : undefined;
  });
  const isUnharmed = during.starts === before.starts && during.restarts === before.restarts;
  bed.check(`${name}: its neighbour and the agent go on`, isUnharmed, JSON.stringify(during));

  await vm.run(`systemctl kill --kill-whom=main -s KILL pilotage-pilot-00-${generation}`);
  const next = await pollUntil('another pilot starts', patience(PATIENCE_MS), async () => {
    const seen = await abuser(world);
    return seen?.state === 'running' && seen.generation > generation ? seen : undefined;
  });
  const left = await vm.run(LEFT_BEHIND(`00-${next.generation}`));
  bed.check(`${name}: reaped`, left.output === '', left.output);
};
