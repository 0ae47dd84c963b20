/** A small read-only disk with files on it, as clouds hand data to a VM; ISO 9660. */
export interface SeedDisk {
  label: string;
  /** By path, e.g. `openstack/latest/user_data`. */
  files: Readonly<Record<string, string | Buffer>>;
}

/** A disk of its own for the VM, empty unless there shall be a filesystem on it. */
export interface ExtraDisk {
  /** The guest finds it as `/dev/disk/by-id/virtio-<serial>`. */
  serial: string;
  sizeMb: number;
  /** An ext4 of this label is on it, as on a volume that a site attaches with data. */
  ext4Label?: string;
}

/** What a VM of a cloud finds around itself, by which cloud-init and the agent know that cloud. */
export interface Hardware {
  /** Values of QEMU's `-smbios`, e.g. `type=1,product=OpenStack Nova`. */
  firmware: readonly string[];
  rootOn: 'virtio' | 'nvme';
  seed?: SeedDisk;
  /** Options of QEMU's user network beside `restrict=on`, e.g. `net=169.254.0.0/16`. */
  network: readonly string[];
}

/** A VM of no cloud in particular. */
export const PLAIN_HARDWARE: Hardware = { firmware: [], rootOn: 'virtio', network: [] };
