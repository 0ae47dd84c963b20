import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { installFakeCloud } from '../../support/fake-cloud/install.ts';
import { startAgent } from '../../support/folder-vm.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { createEc2Metadata } from '../../support/metadata/ec2-metadata.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createTestFolder } from '../../support/receiver-under-test.ts';
import { AGENT, createBed, NOTING_PILOT, QUICK } from './agent-bed.ts';

const ID = 'i-0123456789abcdef0';
const META_DATA = {
  'instance-id': ID,
  'placement/availability-zone': 'eu-west-1b',
  'placement/region': 'eu-west-1',
  'instance-life-cycle': 'spot',
  'tags/instance/aws:autoscaling:groupName': 'workers',
};

test('a VM of EC2 halts, and has ended once its cloud says so', { timeout: 120_000 }, async () => {
  const cloud = installFakeCloud(createTestFolder(), { [ID]: { isBusy: true } });
  const { folder, receiver, environment } = await createBed('1s', '1m', [
    ...['--delete-hook', cloud.program],
  ]);
  const root = join(folder, 'vm');
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(root, path), content, { mode: 0o600 });
  };
  put('sys/class/dmi/id/bios_vendor', 'Amazon EC2\n');
  const userData = stringify({
    version: 1,
    receiver: { url: receiver.url, enrolmentSecret: receiver.enrolmentSecret },
    ...QUICK,
    pilots: { ...NOTING_PILOT, environment },
  });
  const service = createEc2Metadata({ metaData: META_DATA, userData });
  const { origin } = await startLoopbackServer(service.listener);
  const agent = await startAgent(AGENT, root, { ...environment, PILOTAGE_METADATA_URL: origin });

  const until = <T>(what: string, look: () => T | undefined | Promise<T | undefined>) =>
    pollUntil(what, { timeoutMs: 50_000, everyMs: 50 }, look).catch((error: unknown) => {
      throw new Error(`the agent's last words:\n${agent.tail(20)}`, { cause: error });
    });
  const untilState = (state: string) =>
    until(`state ${state}`, async () => (await receiver.vms()).find(vm => vm.state === state));

  const { vmId } = await untilState('running');
  // Nobody knows what its pilot does, so its group spares it.
  await until('it is spared', () => cloud.state().instances[ID]?.isSpared);
  cloud.change(state => {
    state.instances[ID] = {};
  });
  await receiver.order(vmId, 'halt', 'enough');
  expect(await untilState('to-be-deleted')).toMatchObject({
    reportedState: 'halted',
    billed: ['EBS volumes', 'elastic addresses'],
    deletion: { cause: 'halted' },
  });
  expect((await untilState('ended')).deletion?.said).toBe('it is gone');
  expect(cloud.state()).toMatchObject({
    calls: [`protect ${ID}`, `delete ${ID}`, `delete ${ID}`],
    violations: [],
  });
});
