import type { Bed } from '../bed.ts';
import type { Machine } from '../machine.ts';

type Expected = readonly (readonly [what: string, command: string, output: string])[];

const ROOT = '/cvmfs/vo.example.org';
const TYPES = `awk '$2 ~ "^/cvmfs" { print $2, $1 }' /proc/mounts | sort`;
const SWITCH = '/etc/pilotage/context.d/60-mount.yaml';

const AS_PILOT = `setpriv --reuid plt00 --regid pilots --clear-groups cat ${ROOT}/README`;

/** Before anything but the checks of the node has looked at it. */
const BY_AUTOFS: Expected = [
  ['a look at the repository mounts it', `cat ${ROOT}/README`, 'vo.example.org'],
  ['a pilot can look at it', AS_PILOT, 'vo.example.org'],
  ['the automounter did it', TYPES, `/cvmfs /etc/auto.cvmfs\n${ROOT} cvmfs2`],
  ['the client finds nothing to complain of', 'cvmfs_config chksetup', 'OK'],
  [
    'the client reads what was written',
    'cvmfs_config showconfig -s vo.example.org | grep -E "^CVMFS_(QUOTA_LIMIT|CLIENT_PROFILE)="',
    'CVMFS_CLIENT_PROFILE=custom    # from /etc/cvmfs/default.local\nCVMFS_QUOTA_LIMIT=1500    # from /etc/cvmfs/default.local',
  ],
  [
    'and goes around the squids as a last resort',
    'cvmfs_talk -i vo.example.org proxy info | grep DIRECT',
    '[1] DIRECT',
  ],
  ['the cache belongs to the client', 'stat -c "%U %a" /var/lib/cvmfs', 'cvmfs 700'],
];

const BY_FSTAB: Expected = [
  ['it is mounted without the automounter', TYPES, `${ROOT} cvmfs2`],
  ['by a line that systemd knows', 'systemctl is-active cvmfs-vo.example.org.mount', 'active'],
  ['the client still finds nothing to complain of', 'cvmfs_config chksetup', 'OK'],
  ['a pilot can look at it', AS_PILOT, 'vo.example.org'],
  ['no map names it', 'ls /etc/auto.master.d', ''],
];

const AGAIN: Expected = [
  [
    'the automounter has it again',
    `cat ${ROOT}/README; ${TYPES}`,
    `vo.example.org\n/cvmfs /etc/auto.cvmfs\n${ROOT} cvmfs2`,
  ],
  ['no line is left in fstab', 'grep -c cvmfs /etc/fstab', '0'],
];

const expect = async (bed: Bed, vm: Machine, checks: Expected): Promise<void> => {
  for (const [what, command, output] of checks) {
    const seen = await vm.run(command);
    bed.check(what, seen.output.trim() === output, seen.output);
  }
};

/** The repository of the context, as the automounter mounts it. */
export const checkCvmfs = async (bed: Bed, vm: Machine): Promise<void> => {
  await expect(bed, vm, BY_AUTOFS);
  const { output } = await vm.run('pilotage-agent doctor --json', 120_000);
  const verdict = /"check":\s*"cvmfs",\s*"verdict":\s*"(\w+)"/.exec(output)?.[1];
  bed.check('the doctor finds CVMFS in order', verdict === 'ok', verdict ?? output.slice(-500));
};

/** A changed context moves it to fstab, and another back to the automounter. */
export const checkCvmfsByFstab = async (bed: Bed, vm: Machine): Promise<void> => {
  const contextualize = async (what: string): Promise<void> => {
    const seen = await vm.run('pilotage-agent contextualize', 180_000);
    bed.check(what, seen.exitCode === 0, seen.output.slice(-500));
  };
  await vm.run(`printf 'version: 1\\ncvmfs: {mount: fstab}\\n' >${SWITCH} && chmod 600 ${SWITCH}`);
  await contextualize('a changed context moves it to fstab');
  await expect(bed, vm, BY_FSTAB);
  await vm.run(`rm ${SWITCH}`);
  await contextualize('and back');
  await expect(bed, vm, AGAIN);
};
