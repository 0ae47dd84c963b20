import { MAC_ADDRESS } from '../qemu-command.ts';
import { type Hardware, PLAIN_HARDWARE } from './hardware.ts';

/** As Nova names its instances. */
export const OPENSTACK_ID = '83679162-1378-4288-a2d4-70e13ec132aa';

const META_DATA = {
  uuid: OPENSTACK_ID,
  name: 'context-configdrive',
  hostname: 'context-configdrive',
  availability_zone: 'nova-test',
  launch_index: 0,
  meta: {},
};

const EC2_META_DATA = {
  'instance-id': 'i-00000001',
  'ami-id': 'ami-0000002a',
  'instance-type': 'm1.medium',
  'local-ipv4': '10.0.2.15',
  placement: { 'availability-zone': 'nova-test' },
};

const NETWORK_DATA = {
  links: [{ id: 'tap0', type: 'ovs', ethernet_mac_address: MAC_ADDRESS, mtu: 1500 }],
  networks: [{ id: 'network0', type: 'ipv4_dhcp', link: 'tap0', network_id: 'n' }],
  services: [],
};

/** OpenStack Nova with a config drive, as its user guide ("Config drives") describes it. */
export const configDriveHardware = (userData: string | Buffer): Hardware => ({
  ...PLAIN_HARDWARE,
  firmware: ['type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova'],
  seed: {
    label: 'config-2',
    files: {
      'openstack/latest/meta_data.json': JSON.stringify(META_DATA),
      'openstack/latest/network_data.json': JSON.stringify(NETWORK_DATA),
      'openstack/latest/user_data': userData,
      'ec2/latest/meta-data.json': JSON.stringify(EC2_META_DATA),
    },
  },
});
