/**
 * The facts of a VM that its context may name as `${vm.NAME}`. What a cloud tells may hold anything,
 * so text is let in only where no shell, path or configuration file could act on it.
 */

interface VmFact {
  /** Holds its place where the VM itself is not at hand: of the same shape, and nobody's. */
  standIn: string | number;
  /** Who tells it, for the message where nobody did. */
  toldBy: string;
}

const EVERY_VM = 'every VM';

export const VM_FACTS = {
  hostname: { standIn: 'vm-1.example.org', toldBy: EVERY_VM },
  instanceId: { standIn: 'i-0123456789abcdef0', toldBy: EVERY_VM },
  bootId: { standIn: '00000000-0000-4000-8000-000000000001', toldBy: EVERY_VM },
  cores: { standIn: 4, toldBy: EVERY_VM },
  memoryMb: { standIn: 8000, toldBy: EVERY_VM },
  uuid: { standIn: '00000000-0000-4000-8000-000000000002', toldBy: 'firmware (DMI), to root' },
  cloud: { standIn: 'openstack', toldBy: 'nocloud, opennebula, azure, gce, openstack, ec2' },
  imageId: { standIn: 'ami-0123456789abcdef0', toldBy: 'azure, gce, openstack, ec2' },
  instanceType: { standIn: 'm1.large', toldBy: 'azure, gce, openstack, ec2' },
  zone: { standIn: 'zone-1', toldBy: 'cloud-init, azure, gce, openstack, ec2' },
  region: { standIn: 'region-1', toldBy: 'azure, gce, ec2' },
  project: { standIn: 'project-1', toldBy: 'azure, gce, openstack' },
  localIp: { standIn: '192.0.2.1', toldBy: 'opennebula, azure, gce, openstack, ec2' },
  publicIp: { standIn: '198.51.100.1', toldBy: 'azure, gce, openstack, ec2' },
  lifeCycle: { standIn: 'normal', toldBy: 'azure, gce, ec2' },
} as const satisfies Record<string, VmFact>;

export type VmFactName = keyof typeof VM_FACTS;
export const VM_FACT_NAMES = Object.keys(VM_FACTS) as readonly VmFactName[];

/** What is known of one VM; what it does not have is absent. */
export type VmFacts = Readonly<Partial<Record<VmFactName, string | number>>>;

export const SAFE_FACT = 'letters, digits and . _ : / @ + -, without ..';
/** No leading dash, which a program would take for an option. */
const isSafe = (fact: string | number): boolean =>
  typeof fact === 'number'
    ? Number.isFinite(fact)
    : /^(?!.*\.\.)[A-Za-z0-9:/][A-Za-z0-9._:/@+-]{0,254}$/.test(fact);

/** Without what is not known, and what could be acted on. */
export const safeFacts = (
  facts: {
    [K in VmFactName]?: string | number | undefined;
  },
): VmFacts =>
  Object.fromEntries(
    Object.entries(facts).filter(([, fact]) => fact !== undefined && isSafe(fact)),
  );

/** For a context that is looked at elsewhere than on its VM. */
export const STAND_INS: VmFacts = Object.fromEntries(
  VM_FACT_NAMES.map(name => [name, VM_FACTS[name].standIn]),
);
