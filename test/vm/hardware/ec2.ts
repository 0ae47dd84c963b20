import type { Forward } from '../qemu-command.ts';
import type { Hardware } from './hardware.ts';

export const EC2_ID = 'i-0123456789abcdef0';
const UUID = 'ec2a1b2c-3d4e-5f60-7182-93a4b5c6d7e8';

/** Where a guest finds the host's receiver: on EC2's emulated network there is nothing else. */
export const EC2_RECEIVER_ADDRESS = '169.254.2.100:8443';

/** EC2's metadata service by its own address. */
export const metadataForward = (hostPort: number): Forward => ({
  guest: '169.254.169.254:80',
  hostPort,
});

/**
 * EC2 Nitro as its firmware shows it, the root on NVMe. The network is the link-local one, so that the
 * metadata service stands at its own address in it.
 */
export const ec2Hardware = (): Hardware => ({
  firmware: [
    'type=0,vendor=Amazon EC2,version=1.0',
    `type=1,manufacturer=Amazon EC2,product=m5.large,uuid=${UUID},serial=${UUID}`,
    `type=3,manufacturer=Amazon EC2,asset=${EC2_ID}`,
  ],
  rootOn: 'nvme',
  network: [
    ...['net=169.254.0.0/16', 'host=169.254.0.2', 'dns=169.254.0.3'],
    'dhcpstart=169.254.1.10',
  ],
});
