import { join } from 'node:path';
import { createExec } from '../../platform/exec.ts';
import type { CloudWord } from '../../protocol/cloud.ts';
import type { HookEvent } from '../../receiver/deletions/hook-record.ts';
import { hookRequest } from '../../receiver/deletions/hook-request.ts';
import { runHook } from '../../receiver/deletions/run-hook.ts';
import { enrolledVm } from '../unit/receiver/fleet/vm-records.ts';
import { installCloudTools } from './cloud-tools/install.ts';
import type { World } from './cloud-tools/world.ts';
import { createTestFolder, heartbeat } from './receiver-under-test.ts';

export const HOOKS = join(import.meta.dirname, '../../receiver/hooks');

export const vmOf = (cloud: CloudWord) => {
  const { acknowledged, logs, protocol, ...latest } = heartbeat(5, { state: 'halted', cloud });
  return enrolledVm({ latest });
};

export const setUp = (begin: Partial<World>, program = 'by-cloud.sh') => {
  const tools = installCloudTools(createTestFolder(), begin);
  const env = { PATH: `${tools.folder}:/usr/bin:/bin` };
  const config = { program: join(HOOKS, program), timeoutMs: 20_000, env };
  return {
    ...tools,
    ask: (cloud: CloudWord, event: HookEvent = 'delete') =>
      runHook(
        createExec(),
        config,
        event,
        hookRequest(vmOf(cloud), event),
        AbortSignal.timeout(30_000),
      ),
    /** Calls that change something. */
    changes: () =>
      tools.world().calls.filter(call => !/ (describe|show|list)/.test(call.slice(0, 4).join(' '))),
  };
};

export const EC2 = { name: 'ec2', instanceId: 'i-1', region: 'eu-west-1', zone: 'eu-west-1a' };
export const NOVA = { name: 'openstack', instanceId: 'd8e02d56-2648-49a3-bf97-6be8f1204f38' };
export const GCE = {
  ...{ name: 'gce', instanceId: '452', instanceName: 'wn-17', project: 'p-1' },
  ...{ zone: 'europe-west6-a', region: 'europe-west6' },
};
export const AZURE = {
  ...{ name: 'azure', instanceId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6', instanceName: 'wn-17' },
  ...{ project: '8d10da13-8125-4ba9-a717-bf7490507b3d', resourceGroup: 'workers(1)' },
};
export const ONE = { name: 'opennebula', instanceId: '42' };
export const GROUP = { wn: { wanted: 3, least: 0 } };
