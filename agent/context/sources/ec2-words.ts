import { cloudFact, cloudFacts } from './cloud-fact.ts';
import type { CloudFacts } from './source.ts';

/** Facts by EC2's names of them, which other clouds and cloud-init use in their JSON and YAML as well. */
export const factsInEc2Words = (told: Readonly<Record<string, unknown>>): CloudFacts => {
  const placement = told.placement;
  const nested =
    typeof placement === 'object' && placement !== null
      ? (placement as Record<string, unknown>)['availability-zone']
      : undefined;
  const cycle = cloudFact(told['instance-life-cycle']);
  return cloudFacts({
    instanceId: cloudFact(told['instance-id']),
    imageId: cloudFact(told['ami-id']),
    instanceType: cloudFact(told['instance-type']),
    zone: cloudFact(told['availability-zone']) ?? cloudFact(nested),
    localIp: cloudFact(told['local-ipv4']),
    publicIp: cloudFact(told['public-ipv4']),
    lifeCycle: cycle === undefined ? undefined : cycle === 'spot' ? 'spot' : 'normal',
  });
};
