import { PilotageError } from '../../../platform/errors.ts';
import { cloudFact, cloudFacts, lastPart } from './cloud-fact.ts';
import { needBase64 } from './decode-base64.ts';
import { DETECT } from './detect.ts';
import { bytesOf, createMetadata, type Metadata, withMetadata } from './metadata.ts';
import type { CloudFacts, Source } from './source.ts';

const WHAT = "GCE's metadata server";
const ORIGINS = ['http://169.254.169.254'];
const FLAVOR = { 'metadata-flavor': 'Google' };

/** Each request bears the header, and so does each answer; without it something else has answered. */
const createGet =
  (metadata: Metadata) =>
  async (name: string, of: 'instance' | 'project' = 'instance'): Promise<string | undefined> => {
    const path = `/computeMetadata/v1/${of}/${name}`;
    const reply = await metadata.request({ path, headers: FLAVOR });
    const bytes = bytesOf(reply, WHAT, path);
    if (reply.headers['metadata-flavor'] !== 'Google')
      throw new PilotageError(
        'reply-invalid',
        `what answers in the place of ${WHAT} does not say Metadata-Flavor: Google`,
      );
    return bytes?.toString('latin1');
  };

const lifeCycle = (preemptible: string | undefined): CloudFacts['lifeCycle'] => {
  if (preemptible === undefined) return undefined;
  return preemptible.trim().toUpperCase() === 'TRUE' ? 'spot' : 'normal';
};

/** `projects/1/zones/europe-west6-a/instanceGroupManagers/wn`, or the same with `regions`. */
const groupOf = (createdBy: string | undefined): Pick<CloudFacts, 'group' | 'groupKind'> => {
  const [, place, name] =
    /\/(zones|regions)\/[^/]+\/instanceGroupManagers\/([^/]+)$/.exec(createdBy?.trim() ?? '') ?? [];
  const group = cloudFact(name);
  if (group === undefined) return {};
  return {
    group,
    groupKind: place === 'zones' ? 'zonal-instance-group' : 'regional-instance-group',
  };
};

/** Google Compute Engine: "About VM metadata" and "Predefined metadata keys" of its documentation. */
export const gce: Source = {
  name: 'gce',
  tells: [
    ...(['instanceId', 'instanceName', 'imageId', 'instanceType', 'zone', 'region'] as const),
    ...(['project', 'localIp', 'publicIp', 'lifeCycle'] as const),
  ],
  detect: DETECT.gce,
  fetch: (ports, signal) => {
    const { metadataUrl } = ports.options;
    const origins = metadataUrl === undefined ? ORIGINS : [metadataUrl];
    return withMetadata(createMetadata(ports, WHAT, origins, signal), async metadata => {
      const get = createGet(metadata);
      const zone = lastPart(await get('zone'));
      const facts = cloudFacts({
        instanceId: cloudFact(await get('id')),
        instanceName: cloudFact(await get('name')),
        project: cloudFact(await get('project-id', 'project')),
        imageId: cloudFact(await get('image')),
        instanceType: lastPart(await get('machine-type')),
        zone,
        // europe-west6-a lies in europe-west6.
        region: zone?.replace(/-[^-]*$/, ''),
        localIp: cloudFact(await get('network-interfaces/0/ip')),
        publicIp: cloudFact(await get('network-interfaces/0/access-configs/0/external-ip')),
        lifeCycle: lifeCycle(await get('scheduling/preemptible')),
        ...groupOf(await get('attributes/created-by')),
      });
      const text = await get('attributes/user-data');
      if (text === undefined) return { facts };
      const encoding = (await get('attributes/user-data-encoding'))?.trim();
      const userData =
        encoding === 'base64'
          ? needBase64(text, `the attribute user-data of ${WHAT}`)
          : Buffer.from(text, 'latin1');
      return { facts, userData };
    });
  },
};
