import type { DetectionFacts, DmiField } from './detection-facts.ts';
import type { Evidence, SourceName } from './source.ts';

type Detect = (facts: DetectionFacts) => Evidence | undefined;

const evidence = (because: string | undefined): Evidence | undefined =>
  because === undefined ? undefined : { because };

/** The first field that has one of some values, as a sentence. */
const fieldIs =
  (field: DmiField, ...values: readonly string[]) =>
  ({ dmi }: DetectionFacts): string | undefined =>
    values.includes(dmi[field] ?? '') ? `${field} is ${dmi[field]}` : undefined;

const labelIs =
  (...values: readonly string[]) =>
  ({ labels }: DetectionFacts): string | undefined => {
    const label = labels.find(known => values.includes(known));
    return label === undefined ? undefined : `a filesystem is labelled ${label}`;
  };

const first =
  (...tests: readonly ((facts: DetectionFacts) => string | undefined)[]): Detect =>
  facts => {
    for (const test of tests) {
      const because = test(facts);
      if (because !== undefined) return { because };
    }
    return undefined;
  };

/** The uuid as firmware before SMBIOS 2.6 gives it: the first group byte by byte the other way round. */
const swapped = (uuid: string): string =>
  (/^[0-9a-f]{8}/.exec(uuid)?.[0].match(/../g) ?? []).reverse().join('');

const uuidOfEc2 = ({ dmi }: DetectionFacts): string | undefined => {
  const uuid = (dmi.product_uuid ?? '').toLowerCase();
  if (uuid.startsWith('ec2')) return 'product_uuid begins with ec2';
  if (swapped(uuid).startsWith('ec2')) return 'product_uuid, byte-swapped, begins with ec2';
  return (dmi.product_serial ?? '').toLowerCase().startsWith('ec2')
    ? 'product_serial begins with ec2'
    : undefined;
};

export const CONFIG_DRIVE_LABELS = ['config-2', 'CONFIG-2'] as const;
export const CIDATA_LABELS = ['cidata', 'CIDATA'] as const;
export const OPENNEBULA_LABEL = 'CONTEXT';

/** As cloud-init lists them (sources/DataSourceOpenStack.py). */
const OPENSTACK_PRODUCTS = ['OpenStack Nova', 'OpenStack Compute'];
const OPENSTACK_TAGS = [
  ...OPENSTACK_PRODUCTS,
  'HUAWEICLOUD',
  'OpenTelekomCloud',
  'SAP CCloud VM',
  'Samsung Cloud Platform',
];

const AZURE_TAG = '7783-7084-3265-9085-8269-3286-77';

/** `ds=nocloud;s=…` in the firmware's serial number, as `-smbios type=1,serial=…` sets it. */
export const isNoCloudSerial = (serial: string): boolean =>
  /^ds=nocloud(?:-net)?(?:;|$)/.test(serial);

/** Which source each piece of evidence speaks for. Asks nobody, so it holds before the network is up. */
export const DETECT: Readonly<Record<SourceName, Detect>> = {
  file: ({ contextFiles }) =>
    evidence(contextFiles.length === 0 ? undefined : `there is ${contextFiles.join(', ')}`),
  'cloud-init': ({ cloudInit }) => {
    const path = cloudInit.find(
      known => known.endsWith('/user-data.txt') || known.endsWith('.json'),
    );
    return evidence(path === undefined ? undefined : `cloud-init left ${path}`);
  },
  nocloud: first(
    labelIs(...CIDATA_LABELS),
    ({ cloudInit }) => {
      const seed = cloudInit.find(path => path.includes('/seed/'));
      return seed === undefined ? undefined : `there is ${seed}`;
    },
    ({ dmi }) =>
      isNoCloudSerial(dmi.product_serial ?? '')
        ? 'product_serial begins with ds=nocloud'
        : undefined,
  ),
  opennebula: first(labelIs(OPENNEBULA_LABEL)),
  azure: first(fieldIs('chassis_asset_tag', AZURE_TAG)),
  gce: first(fieldIs('product_name', 'Google Compute Engine')),
  openstack: first(
    fieldIs('product_name', ...OPENSTACK_PRODUCTS),
    fieldIs('chassis_asset_tag', ...OPENSTACK_TAGS),
    labelIs(...CONFIG_DRIVE_LABELS),
  ),
  ec2: first(fieldIs('bios_vendor', 'Amazon EC2'), fieldIs('sys_vendor', 'Amazon EC2'), uuidOfEc2),
};

const WITH_METADATA_SERVICE = ['azure', 'gce', 'openstack', 'ec2'] as const;

/** Whether the machine is a VM of a cloud that answers any process in it. */
export const hasMetadataService = (facts: DetectionFacts): boolean =>
  WITH_METADATA_SERVICE.some(name => DETECT[name](facts) !== undefined);
