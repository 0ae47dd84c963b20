import { describe, expect, it } from 'vitest';
import { nocloudHardware } from '../../vm/hardware/nocloud.ts';
import { qemuArguments } from '../../vm/qemu-command.ts';

const image = { kernel: '/k', initrd: '/i', disk: '/d' };
const files = {
  overlay: '/vm/disk.qcow2',
  seed: '/vm/seed.iso',
  extras: [{ serial: 'scratch', path: '/vm/extra-scratch.qcow2' }],
  qmpSocket: '/vm/qmp',
  shellSocket: '/vm/shell',
  journal: '/vm/journal',
};
const hardware = nocloudHardware('n', '');
const forward = { guest: '10.0.2.100:8443', hostPort: 1234 };

describe('qemuArguments', () => {
  const plain = qemuArguments(image, hardware, files, [forward]).join(' ');

  it('shuts the guest off every network but for the forwards', () => {
    expect(plain).toContain(
      'user,id=net0,restrict=on,guestfwd=tcp:10.0.2.100:8443-cmd:socat - TCP:127.0.0.1:1234',
    );
  });

  it('knows an extra disk by its serial number', () => {
    expect(plain).toContain('-device virtio-blk-pci,drive=scratch,serial=scratch');
  });

  it('goes on from a state that is kept on its root, if told so', () => {
    expect(plain).not.toContain('-loadvm');
    const resumed = qemuArguments(image, hardware, { ...files, resumes: 'kept' }, []);
    expect(resumed.join(' ')).toContain('-loadvm kept');
  });

  it('puts the root on NVMe, firmware and network as the cloud has them', () => {
    const nitro = {
      firmware: ['type=1,manufacturer=Amazon EC2'],
      rootOn: 'nvme' as const,
      network: ['net=169.254.0.0/16'],
    };
    const args = qemuArguments(image, nitro, { ...files, seed: undefined, extras: [] }, []);
    expect(args).toContain('type=1,manufacturer=Amazon EC2');
    expect(args.join(' ')).toContain('root=/dev/nvme0n1');
    expect(args.join(' ')).toContain('if=none,id=root -device nvme,drive=root');
    expect(args.join(' ')).toContain('restrict=on,net=169.254.0.0/16 ');
    expect(args.join(' ')).not.toContain('if=virtio');
  });
});
