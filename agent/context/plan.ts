import { planSlots } from '../pilot/slots.ts';
import type { Facts } from './facts.ts';
import { planAuthorities } from './planners/authorities.ts';
import { planCredentials } from './planners/credentials.ts';
import { planCvmfs } from './planners/cvmfs.ts';
import { planDisks } from './planners/disks.ts';
import { planFeatures } from './planners/features.ts';
import { planHooks } from './planners/hooks.ts';
import { planHostname } from './planners/hostname.ts';
import { planKernel } from './planners/kernel.ts';
import { planMetadata } from './planners/metadata.ts';
import { planProxies } from './planners/proxies.ts';
import { planTime } from './planners/time.ts';
import { planUsers } from './planners/users.ts';
import type { Context } from './schema.ts';
import type { Step } from './step.ts';

/** What of the facts the plan depends on. */
export type PlanFacts = Pick<
  Facts,
  | 'instanceId'
  | 'cores'
  | 'memoryMb'
  | 'physicalCores'
  | 'gpus'
  | 'cvmfsVolumeMb'
  | 'hooks'
  | 'layout'
  | 'metadataService'
  | 'disks'
>;

/** Everything that will be done to the VM, in order. Pure: it can be shown before it is done. */
export const planContext = (context: Context, facts: PlanFacts): Step[] => {
  const slots = planSlots(context, facts);
  const disks = planDisks(context, facts);
  return [
    ...planHooks(context, 'pre', facts.hooks.pre),
    ...planHostname(context, facts),
    ...planTime(context, facts),
    ...planKernel(context),
    ...disks.steps,
    ...planProxies(context, facts),
    ...planCvmfs(context, { ...facts, ...disks.volume }),
    ...planAuthorities(context, facts),
    ...planUsers(context, slots),
    ...planCredentials(context, slots),
    ...planMetadata(context, facts),
    ...planFeatures(context, facts, slots),
    ...planHooks(context, 'post', facts.hooks.post),
  ];
};
