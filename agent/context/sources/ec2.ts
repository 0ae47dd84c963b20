import { createImdsSession, IMDS } from '../../imds-session.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { DETECT } from './detect.ts';
import { bytesOf, createMetadata, withMetadata } from './metadata.ts';
import type { CloudFacts, Source } from './source.ts';

const lifeCycle = (told: string | undefined): CloudFacts['lifeCycle'] => {
  if (told === undefined) return undefined;
  return told === 'spot' ? 'spot' : 'normal';
};

/** Tags that EC2 itself gives to what a group or a fleet has started, if the instance may read its tags. */
const GROUP_TAGS = [
  ['aws:autoscaling:groupName', 'auto-scaling-group'],
  ['aws:ec2:fleet-id', 'ec2-fleet'],
  ['aws:ec2spot:fleet-request-id', 'spot-fleet'],
] as const;

/** An instance of an auto-scaling group knows at least that it is one. */
const groupOf = async (
  fact: (name: string) => Promise<string | undefined>,
): Promise<Pick<CloudFacts, 'group' | 'groupKind'>> => {
  for (const [tag, groupKind] of GROUP_TAGS) {
    const group = await fact(`tags/instance/${tag}`);
    if (group !== undefined) return { group, groupKind };
  }
  const isInGroup = (await fact('autoscaling/target-lifecycle-state')) !== undefined;
  return isInGroup ? { groupKind: 'auto-scaling-group' } : {};
};

/**
 * Amazon EC2: "Access instance metadata for an EC2 instance" of its User Guide. IPv4 first, then IPv6
 * (an instance without IPv4 reaches the latter alone).
 */
export const ec2: Source = {
  name: 'ec2',
  tells: [
    ...(['instanceId', 'imageId', 'instanceType', 'zone', 'region'] as const),
    ...(['localIp', 'publicIp', 'lifeCycle'] as const),
  ],
  detect: DETECT.ec2,
  fetch: (ports, signal) => {
    const { metadataUrl, allowImdsV1 } = ports.options;
    const origins = metadataUrl === undefined ? IMDS.origins : [metadataUrl];
    return withMetadata(createMetadata(ports, IMDS.what, origins, signal), async metadata => {
      const session = createImdsSession(metadata.request, allowImdsV1);
      const get = async (path: string): Promise<Buffer | undefined> =>
        bytesOf(await session(path), IMDS.what, path);
      const fact = async (name: string): Promise<string | undefined> =>
        cloudFact((await get(`/latest/meta-data/${name}`))?.toString('utf8'));
      const facts = cloudFacts({
        instanceId: await fact('instance-id'),
        imageId: await fact('ami-id'),
        instanceType: await fact('instance-type'),
        zone: await fact('placement/availability-zone'),
        region: await fact('placement/region'),
        localIp: await fact('local-ipv4'),
        publicIp: await fact('public-ipv4'),
        lifeCycle: lifeCycle(await fact('instance-life-cycle')),
        ...(await groupOf(fact)),
      });
      const userData = await get('/latest/user-data');
      return userData === undefined ? { facts } : { facts, userData };
    });
  },
};
