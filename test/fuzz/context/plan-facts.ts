import type { planContext } from '../../../agent/context/plan.ts';
import type { Disk } from '../../../agent/disks/disk.ts';
import type { MachineSize } from '../../../agent/machine-size.ts';

type PlanFacts = Parameters<typeof planContext>[1];

const disk = (path: string, rest: Partial<Disk> = {}): Disk => ({
  ...{ path, aliases: [], number: '8:0', type: 'disk', sizeBytes: 40 * 1024 ** 3 },
  ...{ isReadOnly: false, isRemovable: false, mounts: [], content: { kind: 'blank' }, parts: [] },
  ...rest,
});

const SHARED = { instanceId: 'i-1', cores: 4, memoryMb: 8000, hooks: { pre: [], post: [] } };

const GPU = { vendor: 'nvidia' as const, uuid: 'GPU-1', model: 'T4', devices: ['/dev/nvidia0'] };

/** A machine into which nearly everything fits, so that little is refused for want of room. */
export const VAST: MachineSize = { cores: 4000, memoryMb: 300_000_000, gpus: [GPU] };

/** Machines for which whatever is accepted must have a plan: a folder, a VM of a cloud, and one of odd disks. */
export const PLAN_FACTS: readonly PlanFacts[] = [
  SHARED,
  {
    ...SHARED,
    physicalCores: 2,
    gpus: [GPU],
    cvmfsVolumeMb: 40_000,
    hooks: { pre: ['/etc/pilotage/pre.d/10-a'], post: ['/etc/pilotage/post.d/10-b'] },
    metadataService: true,
    disks: [disk('/dev/vda', { mounts: ['/'] }), disk('/dev/vdb', { aliases: ['/dev/vdb'] })],
  },
  {
    ...SHARED,
    ...{ cores: 1, memoryMb: 1, cvmfsVolumeMb: 0, metadataService: false },
    disks: [
      disk('/dev/vdb', { content: { kind: 'filesystem', type: 'ext4', label: 'data' } }),
      disk('/dev/vdc', { isReadOnly: true, serial: 'x', sizeBytes: 0 }),
    ],
  },
];
