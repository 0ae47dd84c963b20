import { configDriveHardware, OPENSTACK_ID } from '../../hardware/config-drive.ts';
import { forwardTo, receiverContext } from '../../user-data.ts';
import { contextText, SITE, SITE_CHECKS } from './site.ts';
import { contextScenario } from './story.ts';
import { checkWithoutCloudInit } from './without-cloud-init.ts';

const NAME = 'context-configdrive';

/** User-data is the bare context, which no handler of cloud-init takes. */
export const contextConfigDrive = contextScenario({
  name: NAME,
  title: "OpenStack's config drive, the bare context as user-data",
  boot: async (bed, receiver) => {
    const userData = contextText(SITE, receiverContext(receiver));
    const vm = await bed.boot({
      name: NAME,
      hardware: configDriveHardware(userData),
      forwards: [forwardTo(receiver)],
    });
    return { vm, also: world => checkWithoutCloudInit(world, 'openstack', userData) };
  },
  instanceId: OPENSTACK_ID,
  datasource: 'DataSourceConfigDrive',
  detects: ['cloud-init', 'openstack'],
  userDataFrom: 'cloud-init',
  facts: {
    instanceId: OPENSTACK_ID,
    zone: 'nova-test',
    instanceType: 'm1.medium',
    imageId: 'ami-0000002a',
  },
  checks: [
    ...SITE_CHECKS,
    ['nothing was written for the agent', 'ls /etc/pilotage/context.d 2>/dev/null', ''],
  ],
});
