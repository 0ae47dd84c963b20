import { PATHS } from '../../paths.ts';
import { tmpFolderIn } from './tmp-folder.ts';
import type { UnitReach, UnitSpec } from './unit.ts';

/** One setting of a unit; several of one name add up. */
export type UnitProperty = readonly [name: string, value: string];

/**
 * Where no pilot has any business: what we know and were told, what cloud-init keeps of the user-data, and
 * the bus by which a user may ask for services of its own outside its unit (logind's lingering).
 */
const CLOSED = [
  ...[PATHS.state, PATHS.configuration, PATHS.imageContext, PATHS.logs, PATHS.exits],
  ...['/var/lib/cloud', '/run/cloud-init', '/run/dbus'],
];

/** What not even a pilot that is root has any use for: the machine itself is ours. */
const NEVER = [
  ...['CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYS_BOOT', 'CAP_SYS_TIME'],
  ...['CAP_MAC_ADMIN', 'CAP_MAC_OVERRIDE'],
];

/** What is missing is passed over: there are pilots without credentials. */
const bound = (paths: readonly string[]): string => paths.map(path => `-${path}`).join(' ');

/**
 * The unit's own view of the machine (systemd.exec(5)). Our folder in memory and the scratch of all slots are
 * empty in it but for the run's own; its /tmp lies in its own scratch, its /dev/shm ends with it. Mounts of
 * the machine still come in, so the automounter goes on working; /proc is neither cut down nor covered
 * anywhere, since rootless containers may then not mount their own.
 */
const viewOf = ({ scratch, own, shown, tmp }: UnitReach, memoryMb: number): UnitProperty[] => {
  const folder = tmpFolderIn(tmp);
  return [
    ['TemporaryFileSystem', `${PATHS.run}:ro,mode=0755,size=1m`],
    ['TemporaryFileSystem', `${scratch}:ro,mode=0755,size=1m`],
    ['TemporaryFileSystem', `/dev/shm:mode=1777,nosuid,nodev,size=${memoryMb}M`],
    ['BindPaths', `${folder.tmp}:/tmp ${folder.varTmp}:/var/tmp`],
    ['BindPaths', bound(own)],
    ['BindReadOnlyPaths', bound(shown)],
    ['InaccessiblePaths', bound(CLOSED)],
  ];
};

/**
 * What differs by whom it runs as. Root's own cannot be held by any of this, so it is trusted: it sees all
 * processes, by which it accounts for its payloads.
 */
const rightsOf = (user: string): UnitProperty[] =>
  user === 'root'
    ? [['CapabilityBoundingSet', `~${NEVER.join(' ')}`]]
    : [['ProtectProc', 'invisible']];

/** What keeps a unit apart from us and from its neighbours. */
export const seclusionOf = ({ user, reach, limits, makesGroups }: UnitSpec): UnitProperty[] => [
  ...(reach === undefined ? [['PrivateTmp', 'yes'] as const] : viewOf(reach, limits.memoryMb)),
  ['PrivateIPC', 'yes'],
  // No payload gains rights by a program that lends its owner's: sudo, crontab, at.
  ['NoNewPrivileges', 'yes'],
  ...(makesGroups === true ? [['Delegate', 'yes'] as const] : []),
  ...rightsOf(user),
];
