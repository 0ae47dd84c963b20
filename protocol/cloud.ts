import * as v from 'valibot';
import { Name } from './words.ts';

/** What may hold a VM beside itself, and put another in its place. An agent may name others, of clouds to come. */
export const GROUP_KINDS = [
  'auto-scaling-group',
  'ec2-fleet',
  'spot-fleet',
  'zonal-instance-group',
  'regional-instance-group',
  'scale-set',
  'flexible-scale-set',
] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

/**
 * What a VM knows of itself by its cloud's own words, for whoever has to delete it there. All of it is the VM's
 * word, and may be missing.
 */
export const CloudWord = v.object({
  /** `ec2`, `openstack`, `gce`, `azure`, `opennebula`, or a cloud that only a newer agent knows. */
  name: Name,
  /** The cloud's own id of the VM, which no other ever has. */
  instanceId: v.optional(Name),
  /** What the cloud's commands call it; another may have the same name later. Of a scale set, its number in there. */
  instanceName: v.optional(Name),
  region: v.optional(Name),
  zone: v.optional(Name),
  /** GCE's project, OpenStack's project, Azure's subscription. */
  project: v.optional(Name),
  /** Azure's. */
  resourceGroup: v.optional(Name),
  instanceType: v.optional(Name),
  image: v.optional(Name),
  /** `spot`: may be taken away at any time. */
  lifeCycle: v.optional(Name),
  /** What holds it; a kind without a name where the cloud tells no more. */
  group: v.optional(Name),
  groupKind: v.optional(Name),
  /** The context says that the cloud deletes this VM once it has powered off, so that nobody else has to. */
  powerOffDeletes: v.optional(v.boolean()),
});
export type CloudWord = v.InferOutput<typeof CloudWord>;
