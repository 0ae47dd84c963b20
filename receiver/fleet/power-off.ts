import { CloudWord } from '../../protocol/cloud.ts';

/** What a cloud's words are called, without what is no word. */
type WordName = Exclude<keyof CloudWord, 'powerOffDeletes'>;
const WORD_NAMES = Object.keys(CloudWord.entries).filter(
  (name): name is WordName => name !== 'powerOffDeletes',
);
type Words = Readonly<Record<WordName, string>>;

/** One program and its arguments, as no shell sees them. */
export type CommandLine = readonly string[];

/** What a cloud makes of a VM whose own system powers off. */
export interface PowerOff {
  /** The cloud's word for what the VM is then. */
  becomes: string;
  /** What goes on being billed, or held so that nobody else has it. */
  leaves: readonly string[];
  /** What must be known of a VM before it can be deleted. */
  needs: readonly WordName[];
  /** How the end of the system becomes the end of the VM by itself; empty where nothing does that. */
  remedy: string;
  /** What deletes it by the cloud's own command line, without another coming in its place. */
  commands(words: Words): readonly CommandLine[];
}

const ONE_LESS = 'ONE-LESS-THAN-NOW';

/** EC2: "Stop and start", "Change the instance initiated shutdown behavior", EC2 Auto Scaling's and Fleet's guides. */
const ec2: PowerOff = {
  becomes: 'stopped',
  leaves: ['EBS volumes', 'elastic addresses'],
  needs: ['instanceId', 'region'],
  remedy: 'start it with --instance-initiated-shutdown-behavior terminate',
  commands: ({ instanceId, region, group, groupKind }) => {
    const at = ['--region', region];
    const terminate = ['aws', 'ec2', 'terminate-instances', ...at, '--instance-ids', instanceId];
    if (groupKind === 'auto-scaling-group')
      return [
        [
          ...['aws', 'autoscaling', 'terminate-instance-in-auto-scaling-group', ...at],
          ...['--instance-id', instanceId, '--should-decrement-desired-capacity'],
        ],
      ];
    if (groupKind === 'ec2-fleet')
      return [
        [
          ...['aws', 'ec2', 'modify-fleet', ...at, '--fleet-id', group],
          ...['--target-capacity-specification', `TotalTargetCapacity=${ONE_LESS}`],
          ...['--excess-capacity-termination-policy', 'no-termination'],
        ],
        terminate,
      ];
    if (groupKind === 'spot-fleet')
      return [
        [
          ...['aws', 'ec2', 'modify-spot-fleet-request', ...at],
          ...['--spot-fleet-request-id', group, '--target-capacity', ONE_LESS],
          ...['--excess-capacity-termination-policy', 'noTermination'],
        ],
        terminate,
      ];
    return [terminate];
  },
};

/** Nova: "Server concepts" of its API guide: SHUTOFF keeps host, quota, volumes and addresses. */
const openstack: PowerOff = {
  becomes: 'SHUTOFF',
  leaves: ['quota of cores and memory', 'its place on the host', 'volumes', 'floating addresses'],
  needs: ['instanceId'],
  remedy: '',
  commands: ({ instanceId }) => [['openstack', 'server', 'delete', instanceId]],
};

/** GCE: "VM instance life cycle": TERMINATED is what others call stopped. A managed group starts another. */
const gce: PowerOff = {
  becomes: 'TERMINATED',
  leaves: ['disks', 'static addresses'],
  needs: ['instanceId', 'instanceName', 'zone', 'project'],
  remedy: '',
  commands: ({ instanceName, zone, region, project, group, groupKind }) => {
    const managed = ['gcloud', 'compute', 'instance-groups', 'managed', 'delete-instances', group];
    const rest = ['--project', project, '--quiet'];
    if (groupKind === 'zonal-instance-group')
      return [[...managed, '--instances', instanceName, '--zone', zone, ...rest]];
    if (groupKind === 'regional-instance-group')
      return [[...managed, '--instances', instanceName, '--region', region, ...rest]];
    return [['gcloud', 'compute', 'instances', 'delete', instanceName, '--zone', zone, ...rest]];
  },
};

/** Azure: "States and billing of Azure Virtual Machines": stopped is billed like running until deallocated. */
const azure: PowerOff = {
  becomes: 'Stopped, still allocated',
  leaves: ['the VM itself, as if it ran', 'disks', 'public addresses'],
  needs: ['instanceId', 'instanceName', 'project', 'resourceGroup'],
  remedy: '',
  commands: ({ instanceName, project, resourceGroup, group, groupKind }) => {
    const within = ['--subscription', project, '--resource-group', resourceGroup];
    if (groupKind === 'scale-set')
      return [
        [
          ...['az', 'vmss', 'delete-instances', ...within, '--name', group],
          ...['--instance-ids', instanceName, '--no-wait'],
        ],
      ];
    return [['az', 'vm', 'delete', ...within, '--name', instanceName, '--yes', '--no-wait']];
  },
};

/** OpenNebula: "Virtual Machine States": POWEROFF keeps the host's cores and memory, and the disks. */
const opennebula: PowerOff = {
  becomes: 'POWEROFF',
  leaves: ['cores and memory of the host', 'disks', 'addresses'],
  needs: ['instanceId'],
  remedy: '',
  commands: ({ instanceId }) => [['onevm', 'terminate', instanceId]],
};

/** Clouds on which the end of the system is not the end of the VM. On what is not here, as on bare metal, it is. */
export const POWER_OFF: Readonly<Record<string, PowerOff>> = {
  ec2,
  openstack,
  gce,
  azure,
  opennebula,
};

export const powerOffOf = (cloud: CloudWord | undefined): PowerOff | undefined =>
  cloud !== undefined && Object.hasOwn(POWER_OFF, cloud.name) ? POWER_OFF[cloud.name] : undefined;

/** What is billed once a VM has powered off; nothing where that is its end. */
export const leftBilled = (cloud: CloudWord | undefined): readonly string[] =>
  cloud?.powerOffDeletes === true ? [] : (powerOffOf(cloud)?.leaves ?? []);

/**
 * A cloud's words go into arguments of programs that act on a whole account, so that only what no option, shell,
 * path or pattern can be made of is let through.
 */
export const isSafeWord = (word: string): boolean =>
  /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.:/@+()-]{0,254}$/.test(word);

/** The same without what is not safe; it counts as not told. */
export const safeWords = (cloud: CloudWord): Partial<Words> =>
  Object.fromEntries(
    WORD_NAMES.map(name => [name, cloud[name]] as const).filter(
      ([, word]) => word !== undefined && isSafeWord(word),
    ),
  );

/** What is missing to delete it, by name. */
export const missingFor = (cloud: CloudWord): string[] => {
  const known = safeWords(cloud);
  return (powerOffOf(cloud)?.needs ?? []).filter(name => known[name] === undefined);
};

/** Which commands delete it; none where it is not known enough of. What is not known of a group stands as a question. */
export const deleteCommands = (cloud: CloudWord | undefined): readonly CommandLine[] => {
  const powerOff = powerOffOf(cloud);
  if (cloud === undefined || powerOff === undefined || missingFor(cloud).length > 0) return [];
  const told = safeWords(cloud);
  const words = Object.fromEntries(WORD_NAMES.map(name => [name, told[name] ?? '?']));
  // Every name has its word now.
  return powerOff.commands(words as Words);
};
