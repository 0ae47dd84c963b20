import { describe, expect, test } from 'vitest';
import { DETECT } from '../../../../../agent/context/sources/detect.ts';
import {
  type DetectionFacts,
  DMI_FIELDS,
  readDetectionFacts,
} from '../../../../../agent/context/sources/detection-facts.ts';
import { SOURCES } from '../../../../../agent/context/sources/index.ts';
import type { SourceName } from '../../../../../agent/context/sources/source.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';

const NOTHING: DetectionFacts = { dmi: {}, labels: [], contextFiles: [], cloudInit: [] };
const speaking = (facts: Partial<DetectionFacts>): SourceName[] =>
  SOURCES.filter(({ detect }) => detect({ ...NOTHING, ...facts }) !== undefined).map(
    ({ name }) => name,
  );

const UUID = '12345678-9abc-def0-1234-56789abcdef0';

describe('a source is told by', () => {
  test.each<[SourceName, Partial<DetectionFacts>, string]>([
    ['ec2', { dmi: { bios_vendor: 'Amazon EC2' } }, 'bios_vendor is Amazon EC2'],
    ['ec2', { dmi: { sys_vendor: 'Amazon EC2' } }, 'sys_vendor is Amazon EC2'],
    ['ec2', { dmi: { product_uuid: 'ec2e1916-9099-7caf-fd21-012345abcdef' } }, 'begins with ec2'],
    ['ec2', { dmi: { product_uuid: 'EC2E1916-9099-7CAF-FD21-012345ABCDEF' } }, 'begins with ec2'],
    ['ec2', { dmi: { product_uuid: '45E12AEC-DCD1-B213-94ED-012345ABCDEF' } }, 'byte-swapped'],
    ['ec2', { dmi: { product_serial: 'ec2e1916-9099' } }, 'product_serial'],
    ['openstack', { dmi: { product_name: 'OpenStack Nova' } }, 'product_name is OpenStack Nova'],
    ['openstack', { dmi: { product_name: 'OpenStack Compute' } }, 'OpenStack Compute'],
    ['openstack', { dmi: { chassis_asset_tag: 'HUAWEICLOUD' } }, 'chassis_asset_tag'],
    ['openstack', { dmi: { chassis_asset_tag: 'OpenTelekomCloud' } }, 'chassis_asset_tag'],
    ['openstack', { dmi: { chassis_asset_tag: 'SAP CCloud VM' } }, 'chassis_asset_tag'],
    ['openstack', { dmi: { chassis_asset_tag: 'OpenStack Nova' } }, 'chassis_asset_tag'],
    ['openstack', { labels: ['root', 'config-2'] }, 'labelled config-2'],
    ['openstack', { labels: ['CONFIG-2'] }, 'labelled CONFIG-2'],
    ['gce', { dmi: { product_name: 'Google Compute Engine' } }, 'product_name'],
    [
      'azure',
      { dmi: { chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77' } },
      'chassis_asset_tag',
    ],
    ['opennebula', { labels: ['CONTEXT'] }, 'labelled CONTEXT'],
    ['nocloud', { labels: ['cidata'] }, 'labelled cidata'],
    ['nocloud', { labels: ['CIDATA'] }, 'labelled CIDATA'],
    ['nocloud', { cloudInit: ['/var/lib/cloud/seed/nocloud'] }, '/var/lib/cloud/seed/nocloud'],
    ['nocloud', { dmi: { product_serial: 'ds=nocloud;s=http://10.0.2.2/' } }, 'ds=nocloud'],
    ['nocloud', { dmi: { product_serial: 'ds=nocloud-net;s=http://10.0.2.2/' } }, 'ds=nocloud'],
    ['nocloud', { dmi: { product_serial: 'ds=nocloud' } }, 'ds=nocloud'],
    ['cloud-init', { cloudInit: ['/var/lib/cloud/instance/user-data.txt'] }, 'user-data.txt'],
    ['cloud-init', { cloudInit: ['/run/cloud-init/instance-data.json'] }, 'instance-data.json'],
    ['file', { contextFiles: ['/etc/pilotage/context.d/50-site.yaml'] }, '50-site.yaml'],
  ])('%s: %j', (name, facts, because) => {
    expect(speaking(facts)).toEqual([name]);
    expect(DETECT[name]({ ...NOTHING, ...facts })?.because).toContain(because);
  });

  test.each<[string, Partial<DetectionFacts>]>([
    ['nothing', {}],
    ['a machine of flesh and steel', { dmi: { product_uuid: UUID, sys_vendor: 'Dell Inc.' } }],
    ['an id with ec2 in its middle', { dmi: { product_uuid: '1ec2e191-9099-7caf-fd21-0' } }],
    ['an id that is none', { dmi: { product_uuid: 'Not Settable' } }],
    ['other labels', { labels: ['root', 'context', 'config-20', 'cidata2', 'config\\x2d2'] }],
    ['a serial that only holds it', { dmi: { product_serial: 'xds=nocloud;s=/x' } }],
    ['a serial of another datasource', { dmi: { product_serial: 'ds=nocloudy' } }],
    ['a product of nearly that name', { dmi: { product_name: 'openstack nova' } }],
  ])('none: %s', (_what, facts) => {
    expect(speaking(facts)).toEqual([]);
  });

  test('what is there and what may be wrong: files first, an id that looks like EC2 last', () => {
    expect(
      speaking({
        dmi: { product_name: 'OpenStack Nova', product_uuid: 'ec2e1916-9099-7caf' },
        labels: ['cidata'],
        contextFiles: ['/etc/pilotage/context.d/a.yaml'],
        cloudInit: ['/var/lib/cloud/instance/user-data.txt'],
      }),
    ).toEqual(['file', 'cloud-init', 'nocloud', 'openstack', 'ec2']);
  });
});

describe('the facts for it', () => {
  test('are read from firmware, labels and files', async () => {
    const { files } = createFolderMachine();
    for (const folder of [
      '/sys/class/dmi/id',
      '/dev/disk/by-label/cidata',
      '/etc/pilotage/context.d',
      '/var/lib/cloud/seed/nocloud',
    ])
      await files.makeDirectory(folder, { mode: 0o755 });
    for (const field of DMI_FIELDS)
      await files.write(`/sys/class/dmi/id/${field}`, `${field} \n`, { mode: 0o444 });
    await files.write('/sys/class/dmi/id/sys_vendor', '\n', { mode: 0o444 });
    await files.write('/etc/pilotage/context.d/b.yaml', '', { mode: 0o600 });
    await files.write('/etc/pilotage/context.d/.hidden.yaml', '', { mode: 0o600 });
    expect(await readDetectionFacts(files)).toEqual({
      dmi: Object.fromEntries(
        DMI_FIELDS.filter(field => field !== 'sys_vendor').map(field => [field, field]),
      ),
      labels: ['cidata'],
      contextFiles: ['/etc/pilotage/context.d/b.yaml'],
      cloudInit: ['/var/lib/cloud/seed/nocloud'],
    });
  });

  test('are nothing on an empty machine', async () => {
    expect(await readDetectionFacts(createFolderMachine().files)).toEqual(NOTHING);
  });

  test('are bounded', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory('/sys/class/dmi/id', { mode: 0o755 });
    await files.write('/sys/class/dmi/id/product_name', 'x'.repeat(4097), { mode: 0o444 });
    await expect(readDetectionFacts(files)).rejects.toMatchObject({ code: 'file-too-large' });
  });
});
