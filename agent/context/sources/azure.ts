import * as v from 'valibot';
import { PilotageError } from '../../../platform/errors.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { needBase64 } from './decode-base64.ts';
import { DETECT } from './detect.ts';
import { jsonAnswer, Loose } from './json-answer.ts';
import { bytesOf, createMetadata, withMetadata } from './metadata.ts';
import type { CloudFacts, Source } from './source.ts';

const WHAT = "Azure's metadata service";
const ORIGINS = ['http://169.254.169.254'];
const PATH = '/metadata/instance?api-version=2021-08-01';

const Instance = v.object({
  compute: Loose,
  network: v.optional(
    v.object({
      interface: v.array(v.object({ ipv4: v.optional(v.object({ ipAddress: v.array(Loose) })) })),
    }),
  ),
});
type Instance = v.InferOutput<typeof Instance>;

/** The id of a private image, or `publisher:offer:sku:version` of one of the market place. */
const imageOf = (compute: Instance['compute']): string | undefined => {
  const { storageProfile } = compute;
  if (!v.is(v.object({ imageReference: Loose }), storageProfile)) return undefined;
  const { id, publisher, offer, sku, version } = storageProfile.imageReference;
  const parts = [publisher, offer, sku, version].map(cloudFact);
  return cloudFact(id) ?? (parts.includes(undefined) ? undefined : cloudFact(parts.join(':')));
};

/** `Low` is what Spot was called before. */
const lifeCycle = (priority: string | undefined): CloudFacts['lifeCycle'] =>
  priority === 'Spot' || priority === 'Low' ? 'spot' : 'normal';

/**
 * A uniform scale set calls its VMs by numbers, which stand at the end of their paths; the VMs of a flexible
 * one are VMs like others.
 */
const nameOf = (compute: Instance['compute']): Partial<CloudFacts> => {
  const group = cloudFact(compute.vmScaleSetName);
  const path = typeof compute.resourceId === 'string' ? compute.resourceId : '';
  const [, number] =
    /\/virtualMachineScaleSets\/[^/]+\/virtualMachines\/([^/]+)$/i.exec(path) ?? [];
  const instanceName = cloudFact(number ?? compute.name);
  return {
    ...(instanceName === undefined ? {} : { instanceName }),
    ...(group === undefined
      ? {}
      : { group, groupKind: number === undefined ? 'flexible-scale-set' : 'scale-set' }),
  };
};

const factsOf = ({ compute, network }: Instance): CloudFacts => {
  const location = cloudFact(compute.location);
  const zone = cloudFact(compute.zone);
  const address = network?.interface[0]?.ipv4?.ipAddress[0];
  return cloudFacts({
    instanceId: cloudFact(compute.vmId),
    imageId: imageOf(compute),
    instanceType: cloudFact(compute.vmSize),
    zone: zone === undefined || location === undefined ? location : `${location}-${zone}`,
    region: location,
    project: cloudFact(compute.subscriptionId),
    resourceGroup: cloudFact(compute.resourceGroupName),
    ...nameOf(compute),
    localIp: cloudFact(address?.privateIpAddress),
    publicIp: cloudFact(address?.publicIpAddress),
    lifeCycle: lifeCycle(cloudFact(compute.priority)),
  });
};

/** Azure: "Azure Instance Metadata Service for virtual machines". It refuses what came by a proxy. */
export const azure: Source = {
  name: 'azure',
  tells: [
    ...(['instanceId', 'instanceName', 'imageId', 'instanceType', 'zone', 'region'] as const),
    ...(['project', 'resourceGroup', 'localIp', 'publicIp', 'lifeCycle'] as const),
  ],
  detect: DETECT.azure,
  fetch: (ports, signal) => {
    const { metadataUrl } = ports.options;
    const origins = metadataUrl === undefined ? ORIGINS : [metadataUrl];
    return withMetadata(createMetadata(ports, WHAT, origins, signal), async metadata => {
      const reply = await metadata.request({ path: PATH, headers: { metadata: 'true' } });
      const bytes = bytesOf(reply, WHAT, PATH);
      if (bytes === undefined)
        throw new PilotageError('http-refused', `${WHAT} knows no ${PATH}`, { status: 404 });
      const instance = jsonAnswer(Instance, bytes, `the instance by ${WHAT}`);
      const facts = factsOf(instance);
      const { userData } = instance.compute;
      if (typeof userData !== 'string' || userData === '') return { facts };
      return { facts, userData: needBase64(userData, `userData of ${WHAT}`) };
    });
  },
};
