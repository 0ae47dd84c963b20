import { createServer } from 'node:net';
import { join } from 'node:path';
import { createExec } from '../../platform/exec.ts';
import type { CloudWord } from '../../protocol/cloud.ts';
import type { HookEvent } from '../../receiver/deletions/hook-record.ts';
import { hookRequest } from '../../receiver/deletions/hook-request.ts';
import { runHook } from '../../receiver/deletions/run-hook.ts';
import type { VmRecord } from '../../receiver/fleet/vm-record.ts';
import { createChecks, tallyLine } from '../support/checks.ts';
import { needPackages } from '../support/debian-packages.ts';
import { needRoot } from '../support/need-root.ts';
import { type Moto, startMoto } from './moto.ts';

/** The hook for EC2 with the real AWS CLI, which knows its own options, against an EC2 that moto emulates. */
const HOOK = join(import.meta.dirname, '../../receiver/hooks/ec2.sh');
const REGION = 'eu-west-1';
const TEMPLATE = 'workers';

const checks = createChecks();

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : 0));
    });
  });

/** A VM that has halted, as far as a hook is told of it. */
const halted = (cloud: CloudWord): VmRecord => ({
  vmId: 'vm-1',
  identity: { instanceId: cloud.instanceId ?? '', hostname: 'wn1' },
  ...{ agentVersion: '1', enrolledMs: 0, lastHeardMs: 0, stateSinceMs: 0 },
  latest: {
    ...{ bootId: 'boot-1', sequence: 1, agentVersion: '1', state: 'halted', reason: '' },
    ...{ uptimeMs: 0, pilots: [], verdicts: [], cloud },
    load: { ok: false, reason: 'no-data' },
    cpuCores: { ok: false, reason: 'no-data' },
    payloads: { ok: false, reason: 'no-data' },
  },
});

const createAsk =
  ({ env }: Moto) =>
  (event: HookEvent, cloud: Omit<CloudWord, 'name' | 'region'>) =>
    runHook(
      createExec(),
      { program: HOOK, timeoutMs: 120_000, env },
      event,
      hookRequest(halted({ name: 'ec2', region: REGION, ...cloud }), event),
      new AbortController().signal,
    );

const expectOutcome = async (
  what: string,
  asked: ReturnType<ReturnType<typeof createAsk>>,
  outcome: string,
) => {
  const answer = await asked;
  checks.check(
    `${what}: ${outcome}`,
    answer.outcome === outcome,
    `${answer.outcome}: ${answer.said}`,
  );
};

const alone = async (moto: Moto, image: string): Promise<void> => {
  const ask = createAsk(moto);
  const instanceId = await moto.aws(
    ...['ec2', 'run-instances', '--image-id', image, '--instance-type', 't3.micro'],
    ...['--query', 'Instances[0].InstanceId'],
  );
  await moto.aws('ec2', 'stop-instances', '--instance-ids', instanceId);
  await expectOutcome('an instance that is stopped', ask('delete', { instanceId }), 'asked');
  await expectOutcome('the same again', ask('delete', { instanceId }), 'done');
  const unknown = { instanceId: 'i-0123456789abcdef0' };
  await expectOutcome('an instance that never was', ask('delete', unknown), 'not-found');
};

const inGroup = async (moto: Moto, image: string): Promise<void> => {
  const ask = createAsk(moto);
  const data = JSON.stringify({ ImageId: image, InstanceType: 't3.micro' });
  await moto.aws(
    ...['ec2', 'create-launch-template', '--launch-template-name', TEMPLATE],
    ...['--launch-template-data', data],
  );
  await moto.aws(
    ...['autoscaling', 'create-auto-scaling-group', '--auto-scaling-group-name', 'wn'],
    ...[
      '--launch-template',
      `LaunchTemplateName=${TEMPLATE}`,
      '--min-size',
      '0',
      '--max-size',
      '3',
    ],
    ...['--desired-capacity', '2', '--availability-zones', `${REGION}a`],
  );
  const group = (query: string) =>
    moto.aws(
      'autoscaling',
      'describe-auto-scaling-groups',
      '--query',
      `AutoScalingGroups[0].${query}`,
    );
  const [instanceId = ''] = (await group('Instances[].InstanceId')).split(/\s+/);
  const member = { instanceId, groupKind: 'auto-scaling-group' };
  const isSpared = () => group(`Instances[?InstanceId=='${instanceId}'].ProtectedFromScaleIn`);
  await expectOutcome('one of a group is to be spared', ask('protect', member), 'done');
  checks.check('it is spared', (await isSpared()) === 'True');
  await expectOutcome('it is no longer', ask('unprotect', { ...member, group: 'wn' }), 'done');
  checks.check('it is not spared', (await isSpared()) === 'False');
  await expectOutcome('it is deleted', ask('delete', member), 'asked');
  await expectOutcome('it is gone', ask('delete', member), 'done');
  const size = await group('[DesiredCapacity,length(Instances)]');
  checks.check('its group is one smaller, and nothing comes in its place', size === '1\t1', size);
};

const main = async (): Promise<void> => {
  needRoot('npm run test:hooks');
  await needPackages(['mmdebstrap', 'util-linux']);
  const moto = await startMoto(console.log, await freePort());
  try {
    const image = await moto.aws('ec2', 'describe-images', '--query', 'Images[0].ImageId');
    await alone(moto, image);
    await inGroup(moto, image);
  } finally {
    await moto.stop();
  }
};

await main();
console.log(tallyLine(checks.passed, checks.failed));
process.exitCode = checks.failed === 0 ? 0 : 1;
