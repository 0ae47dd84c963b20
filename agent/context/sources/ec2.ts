import { createImdsSession, IMDS } from '../../imds-session.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { DETECT } from './detect.ts';
import { bytesOf, createMetadata, withMetadata } from './metadata.ts';
import type { CloudFacts, Source } from './source.ts';

const lifeCycle = (told: string | undefined): CloudFacts['lifeCycle'] => {
  if (told === undefined) return undefined;
  return told === 'spot' ? 'spot' : 'normal';
};

/**
 * Amazon EC2: "Access instance metadata for an EC2 instance" of its User Guide. IPv4 first, then IPv6
 * (an instance without IPv4 reaches the latter alone).
 */
export const ec2: Source = {
  name: 'ec2',
  tells: ['instanceId', 'imageId', 'instanceType', 'zone', 'localIp', 'publicIp', 'lifeCycle'],
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
        localIp: await fact('local-ipv4'),
        publicIp: await fact('public-ipv4'),
        lifeCycle: lifeCycle(await fact('instance-life-cycle')),
      });
      const userData = await get('/latest/user-data');
      return userData === undefined ? { facts } : { facts, userData };
    });
  },
};
