import { EC2_ID, EC2_RECEIVER_ADDRESS, ec2Hardware, metadataForward } from '../../hardware/ec2.ts';
import {
  cloudConfig,
  forwardTo,
  mimeMessage,
  receiverContext,
  TEST_PILOT,
} from '../../user-data.ts';
import { EC2_FACTS, type Ec2Service, startEc2Service } from './ec2-service.ts';
import { checkHopLimit } from './hop-limit.ts';
import { readSource } from './reports.ts';
import { contextText, SITE, SITE_CHECKS } from './site.ts';
import { contextScenario, type World } from './story.ts';
import { checkWithoutCloudInit } from './without-cloud-init.ts';

const NAME = 'context-ec2';

/** cloud-init works with a token, and nobody has asked without one. */
const checkTokens = ({ bed }: World, { asked }: Ec2Service): void => {
  const byCloudInit = asked.filter(({ agent }) => agent.startsWith('Cloud-Init'));
  const calls = byCloudInit.filter(({ method, status }) => method === 'PUT' && status === 200);
  bed.check('cloud-init took a token', calls.length > 0, `${byCloudInit.length} requests`);
  const refused = asked.filter(({ status }) => status === 401 || status === 400);
  bed.check('nobody asked without one', refused.length === 0, JSON.stringify(refused.slice(0, 3)));
};

const REVOKED_AT = '/latest/meta-data/instance-type';

/** All tokens become invalid while the agent is asking; whoever watches for notices takes another too. */
const checkRenewal = async ({ bed, vm }: World, service: Ec2Service): Promise<void> => {
  const before = service.tokens();
  const at = service.asked.length;
  service.revokeAt(REVOKED_AT);
  const { facts } = await readSource(vm);
  const refused = service.asked
    .slice(at)
    .filter(({ status, path }) => status === 401 && path === REVOKED_AT);
  bed.check('a token was revoked midway', refused.length === 1, JSON.stringify(refused));
  const renewed = service.tokens() - before;
  bed.check('the agent took another', renewed >= 2, `${renewed} tokens`);
  bed.check('and had its answer', facts.instanceType === EC2_FACTS.instanceType);
};

/** Root on NVMe, and a metadata service that wants tokens. */
export const contextEc2 = contextScenario({
  name: NAME,
  title: 'EC2 Nitro: NVMe root, IMDSv2 with tokens required and a hop limit',
  boot: async (bed, receiver) => {
    const site = { ...SITE, pilots: { ...SITE.pilots, command: [TEST_PILOT.path] } };
    const userData = mimeMessage([
      { type: 'text/cloud-config', text: cloudConfig([TEST_PILOT]) },
      {
        type: 'text/yaml',
        text: contextText(site, receiverContext(receiver, EC2_RECEIVER_ADDRESS)),
      },
    ]);
    const service = await startEc2Service(bed, userData);
    const vm = await bed.boot({
      name: NAME,
      hardware: ec2Hardware(),
      forwards: [metadataForward(service.port), forwardTo(receiver, EC2_RECEIVER_ADDRESS)],
    });
    const also = async (world: World): Promise<void> => {
      checkTokens(world, service);
      await checkWithoutCloudInit(world, 'ec2', userData);
      await checkRenewal(world, service);
      await checkHopLimit(world);
    };
    return { vm, also };
  },
  instanceId: EC2_ID,
  datasource: 'DataSourceEc2',
  detects: ['cloud-init', 'ec2'],
  userDataFrom: 'cloud-init',
  facts: EC2_FACTS,
  checks: [...SITE_CHECKS, ['the root is on NVMe', 'findmnt -no SOURCE /', '/dev/nvme0n1']],
});
