import type { VmImage } from './base-image.ts';
import type { Hardware } from './hardware/hardware.ts';

/** Where the guest finds a server of the host, for example `10.0.2.100:8443`. */
export interface Forward {
  guest: string;
  hostPort: number;
  /** Where that port is, if not on the host's loopback: an address in another network namespace. */
  elsewhere?: { network: string; address: string };
}

export interface QemuFiles {
  overlay: string;
  /** Absent where the cloud hands nothing over by a disk. */
  seed: string | undefined;
  /** Disks beside the root's, by which serial number the guest knows them. */
  extras: readonly { serial: string; path: string }[];
  qmpSocket: string;
  shellSocket: string;
  /** Written by QEMU: the guest's journal. */
  journal: string;
  /** A state kept on the overlay, from which it goes on instead of booting. */
  resumes?: string | undefined;
}

const ROOTS = { virtio: '/dev/vda', nvme: '/dev/nvme0n1' } as const;

const kernelArguments = (rootOn: Hardware['rootOn']): string =>
  [
    ...[`root=${ROOTS[rootOn]}`, 'rw', 'console=ttyS0', 'net.ifnames=0', 'quiet'],
    ...['mitigations=off', 'no_timer_check', 'panic=-1', 'sysrq_always_enabled'],
  ].join(' ');

const rootDrive = (overlay: string, rootOn: Hardware['rootOn']): string[] => {
  const drive = `file=${overlay},format=qcow2,cache=unsafe`;
  return rootOn === 'virtio'
    ? // As a device of its own: those that QEMU makes of a drive come after all others, and names follow.
      ['-drive', `${drive},if=none,id=root`, '-device', 'virtio-blk-pci,drive=root']
    : ['-drive', `${drive},if=none,id=root`, '-device', 'nvme,drive=root,serial=vol0root'];
};

const extraDrive = ({ serial, path }: QemuFiles['extras'][number]): string[] => [
  ...['-drive', `file=${path},if=none,id=${serial},format=qcow2,cache=unsafe`],
  ...['-device', `virtio-blk-pci,drive=${serial},serial=${serial}`],
];

/** One socat a connection: the form that QEMU has itself shares one between all. */
const forwardCommand = ({ hostPort, elsewhere }: Forward): string =>
  elsewhere === undefined
    ? `socat - TCP:127.0.0.1:${hostPort}`
    : `nsenter --net=${elsewhere.network} socat - TCP:${elsewhere.address}:${hostPort}`;

/** What QEMU calls the guest's network card; network_data.json of an OpenStack names it. */
export const MAC_ADDRESS = '52:54:00:12:34:56';

/**
 * QEMU's arguments for a test VM: emulated (KVM is not to be had everywhere), on no network but for
 * the forwards, its serial console on standard output, ended by power-off and by reboot alike.
 */
export const qemuArguments = (
  image: VmImage,
  { firmware, rootOn, network }: Hardware,
  files: QemuFiles,
  forwards: readonly Forward[],
): string[] => {
  const forwarded = forwards.map(
    forward => `guestfwd=tcp:${forward.guest}-cmd:${forwardCommand(forward)}`,
  );
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-display', 'none', '-no-reboot'],
    ...firmware.flatMap(value => ['-smbios', value]),
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', kernelArguments(rootOn)],
    ...rootDrive(files.overlay, rootOn),
    ...(files.seed === undefined
      ? []
      : ['-drive', `file=${files.seed},if=virtio,format=raw,readonly=on`]),
    ...files.extras.flatMap(extraDrive),
    ...['-netdev', ['user', 'id=net0', 'restrict=on', ...network, ...forwarded].join(',')],
    ...['-device', `virtio-net-pci,netdev=net0,romfile=,mac=${MAC_ADDRESS}`],
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=shell,path=${files.shellSocket},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=shell,name=pilotage.test'],
    ...['-chardev', `file,id=journal,path=${files.journal}`],
    ...['-device', 'virtconsole,chardev=journal'],
    ...['-qmp', `unix:${files.qmpSocket},server=on,wait=off`],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...(files.resumes === undefined ? [] : ['-loadvm', files.resumes]),
  ];
};
