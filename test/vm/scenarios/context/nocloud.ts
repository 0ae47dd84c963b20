import { cloudConfig, contextFile, forwardTo, receiverFile } from '../../user-data.ts';
import { checkCvmfsByFstab } from '../cvmfs-checks.ts';
import { SITE, SITE_CHECKS } from './site.ts';
import { contextScenario } from './story.ts';

const NAME = 'context-nocloud';

/** The common way: cloud-init's write_files leaves the context for the agent. */
export const contextNocloud = contextScenario({
  name: NAME,
  title: 'NoCloud, the context by write_files',
  boot: async (bed, receiver) => {
    const files = [receiverFile(receiver), contextFile('50-site.yaml', SITE)];
    const forwards = [forwardTo(receiver)];
    const vm = await bed.boot({ name: NAME, userData: cloudConfig(files), forwards });
    return { vm, also: () => checkCvmfsByFstab(bed, vm) };
  },
  instanceId: `i-${NAME}`,
  datasource: 'DataSourceNoCloud',
  detects: ['file', 'cloud-init', 'nocloud'],
  userDataFrom: 'file',
  facts: { instanceId: `i-${NAME}` },
  checks: [
    ...SITE_CHECKS,
    [
      'the context is for root alone',
      'stat -c "%U %a" /etc/pilotage/context.d/*',
      'root 600\nroot 600',
    ],
  ],
  smoke: true,
});
