import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed, BootSpec } from '../bed.ts';
import { EC2_ID, EC2_RECEIVER_ADDRESS, ec2Hardware, metadataForward } from '../hardware/ec2.ts';
import { nocloudHardware } from '../hardware/nocloud.ts';
import { startEc2Service } from '../scenarios/context/ec2-service.ts';
import { RECEIVER_ADDRESS } from '../user-data.ts';

const UNITS = join(import.meta.dirname, '../../../bootstrap/systemd');

/** Those of ours that a boot starts, and that are held back until a fault begins. */
const HELD_BACK = readdirSync(UNITS).filter(name =>
  /^WantedBy=/m.test(readFileSync(join(UNITS, name), 'utf8')),
);

/**
 * The agent and what watches over it are enabled in the image, so they are a part of the boot: they are
 * taken out of it again.
 */
export const holdBack = (units: readonly string[]): string =>
  `#cloud-config\nbootcmd:\n  - systemctl stop --no-block ${units.join(' ')}\n`;

const USER_DATA = holdBack(HELD_BACK);

/** What of a cloud's metadata can change while its VM lives. */
export interface Cloud {
  /** Puts a text at a path of the metadata service, or takes it away. */
  tell(path: string, text: string | undefined): void;
}

/** Where a VM is, for one run of it. */
export interface Place {
  boot: BootSpec;
  cloud?: Cloud;
}

/** What kind of VM a fault strikes. */
export interface World {
  instanceId: string;
  receiverAddress: string;
  /** Units to start when a fault begins. */
  units: readonly string[];
  /** What runs beside it ends with the bed. */
  prepare(bed: Bed): Promise<Place>;
}

export const WORLDS = {
  /** A VM of no cloud in particular. */
  plain: {
    instanceId: 'i-faults',
    receiverAddress: RECEIVER_ADDRESS,
    units: HELD_BACK,
    prepare: async () => ({
      boot: { name: 'faults', hardware: nocloudHardware('faults', USER_DATA), forwards: [] },
    }),
  },
  /** EC2 with its metadata service; its root is no NVMe, since QEMU keeps no state of that. */
  ec2: {
    instanceId: EC2_ID,
    receiverAddress: EC2_RECEIVER_ADDRESS,
    units: HELD_BACK,
    prepare: async bed => {
      const service = await startEc2Service(bed, USER_DATA);
      return {
        boot: {
          name: 'faults-ec2',
          hardware: { ...ec2Hardware(), rootOn: 'virtio' },
          forwards: [metadataForward(service.port)],
        },
        cloud: service,
      };
    },
  },
} as const satisfies Readonly<Record<string, World>>;
export type WorldName = keyof typeof WORLDS;
