import type { VmImage } from './base-image.ts';

/** Where the guest finds a server of the host, for example `10.0.2.100:8443`. */
export interface Forward {
  guest: string;
  hostPort: number;
}

export interface QemuFiles {
  overlay: string;
  seed: string;
  qmpSocket: string;
  shellSocket: string;
  /** Written by QEMU: the guest's journal. */
  journal: string;
}

const KERNEL_ARGUMENTS = [
  ...['root=/dev/vda', 'rw', 'console=ttyS0', 'net.ifnames=0', 'quiet'],
  ...['mitigations=off', 'no_timer_check', 'panic=-1'],
].join(' ');

/**
 * QEMU's arguments for a test VM: emulated (KVM is not to be had everywhere), on no network but for
 * the forwards, its serial console on standard output, ended by power-off and by reboot alike.
 */
export const qemuArguments = (
  image: VmImage,
  files: QemuFiles,
  forwards: readonly Forward[],
): string[] => {
  // One socat a connection: the form that QEMU has itself shares one between all.
  const forwarded = forwards.map(
    ({ guest, hostPort }) => `guestfwd=tcp:${guest}-cmd:socat - TCP:127.0.0.1:${hostPort}`,
  );
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', KERNEL_ARGUMENTS],
    ...['-drive', `file=${files.overlay},if=virtio,format=qcow2,cache=unsafe`],
    ...['-drive', `file=${files.seed},if=virtio,format=raw,readonly=on`],
    ...['-netdev', ['user', 'id=net0', 'restrict=on', ...forwarded].join(',')],
    ...['-device', 'virtio-net-pci,netdev=net0,romfile='],
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=shell,path=${files.shellSocket},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=shell,name=pilotage.test'],
    ...['-chardev', `file,id=journal,path=${files.journal}`],
    ...['-device', 'virtconsole,chardev=journal'],
    ...['-qmp', `unix:${files.qmpSocket},server=on,wait=off`],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
  ];
};
