import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestCheck } from '../../guest-check.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile } from '../../user-data.ts';
import { SITE, SITE_CHECKS } from './site.ts';
import { contextScenario } from './story.ts';

const NAME = 'context-system';

/** All that a context can say of the machine itself. */
const SYSTEM = {
  scratch: { disk: 'largest-blank' },
  swap: { sizeMb: 64 },
  hostname: 'n7.example.org',
  time: { zone: 'Europe/Zurich', servers: ['ntp.example.org'], wait: '1s' },
  kernel: { unprivilegedContainers: true, sysctl: { 'vm.swappiness': 7 } },
  users: { payloadPrefix: 'pay', groups: ['video'] },
};

const asUser = (command: string): string =>
  `setpriv --reuid plt00 --regid pilots --clear-groups ${command}`;

const CHECKS: readonly GuestCheck[] = [
  [
    'the largest blank disk is the scratch disk',
    'test "$(findmnt -no SOURCE /scratch)" = "$(readlink -f /dev/disk/by-id/virtio-large)"; echo $?; findmnt -no FSTYPE,LABEL /scratch | xargs',
    '0\next4 pilotage-scr',
  ],
  [
    'without devices and rights of others',
    'findmnt -no OPTIONS /scratch | tr , "\\n" | grep -cE "^(nodev|nosuid|noatime)$"',
    '3',
  ],
  ['the smaller blank disk is left alone', 'blkid -p /dev/disk/by-id/virtio-small; echo $?', '2'],
  ['swap is on', "awk 'NR > 1 {print $1, $2}' /proc/swaps", '/scratch/pilotage.swap file'],
  ['its file is for root alone', 'stat -c "%U %a %s" /scratch/pilotage.swap', 'root 600 67108864'],
  [
    'the host has its name',
    'hostname; cat /etc/hostname; getent hosts n7 | xargs',
    'n7.example.org\nn7.example.org\n127.0.1.1 n7.example.org n7',
  ],
  ['and its time zone', 'date +%Z | grep -cE "^CES?T$"', '1'],
  [
    'and its time server',
    'timedatectl show-timesync --property=SystemNTPServers --value; systemctl is-active systemd-timesyncd',
    'ntp.example.org\nactive',
  ],
  ['kernel settings are in force', 'sysctl -n vm.swappiness user.max_user_namespaces', '7\n65536'],
  ['a pilot may make a user namespace', asUser('unshare -Ur id -u'), '0'],
  [
    'payloads have users apart',
    'id pay01 | sed "s/[0-9]*(/(/g"; stat -c "%U:%G %a" /scratch/pay01',
    'uid=(pay01) gid=(payloads) groups=(payloads),(video)\npay01:payloads 700',
  ],
  [
    'that pilots cannot look at',
    `${asUser('ls /scratch/pay00')} 2>/dev/null || echo refused`,
    'refused',
  ],
];

/** The machine itself: disks, swap, name, time, kernel, users. A disk with data on it is not touched. */
export const contextSystem = contextScenario({
  name: NAME,
  title: 'disks, swap, host name, time, kernel and users; a reboot',
  boot: async (bed, receiver) => {
    const files = [receiverFile(receiver), contextFile('50-site.yaml', { ...SITE, ...SYSTEM })];
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig(files),
      forwards: [forwardTo(receiver)],
      disks: [
        { serial: 'small', sizeMb: 256 },
        { serial: 'large', sizeMb: 2048 },
        { serial: 'data', sizeMb: 128, ext4Label: 'site-data' },
      ],
    });
    // Its file on the host changes with the first byte that the guest writes.
    const digest = (): string =>
      createHash('sha256')
        .update(readFileSync(join(bed.folder, 'vm1', 'extra-data.qcow2')))
        .digest('hex');
    const before = digest();
    const also = async (): Promise<void> => {
      bed.check('the disk with data on it is as it was', digest() === before);
    };
    return { vm, also };
  },
  instanceId: `i-${NAME}`,
  datasource: 'DataSourceNoCloud',
  detects: ['file', 'cloud-init', 'nocloud'],
  userDataFrom: 'file',
  facts: { instanceId: `i-${NAME}` },
  checks: [...SITE_CHECKS, ...CHECKS],
  reboots: true,
});
