import { PATHS } from '../../paths.ts';
import type { Slot } from '../../pilot/slots.ts';
import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

export const jobFeaturesOf = (slot: Slot): string => `${PATHS.jobFeatures}/${slot.name}`;

const seconds = (ms: number): string => String(Math.round(ms / 1000));

/** Machine/Job Features (HSF-TN-2016-02): what jobs may know of the machine and of their share of it. */
export const planFeatures = (
  { features, ending, policies }: Context,
  facts: Pick<Facts, 'cores'>,
  slots: readonly Slot[],
): Step[] => [
  {
    kind: 'machine-features',
    id: 'machine-features',
    what: 'publish the machine features',
    lasts: 'boot',
    folder: PATHS.machineFeatures,
    keys: {
      total_cpu: String(facts.cores),
      grace_secs: seconds(ending.killGrace),
      ...(features.hs06 === undefined ? {} : { hs06: String(features.hs06) }),
    },
  },
  ...slots.map(slot => ({
    kind: 'job-features' as const,
    id: `job-features-${slot.name}`,
    what: `publish the job features of slot ${slot.name}`,
    lasts: 'boot' as const,
    folder: jobFeaturesOf(slot),
    keys: {
      allocated_cpu: String(slot.cores),
      grace_secs_job: seconds(ending.killGrace),
      wall_limit_secs: seconds(policies.lifetime.max),
      max_rss_bytes: String(slot.memoryMb * 1024 * 1024),
      ...(features.hs06 === undefined
        ? {}
        : { hs06_job: String((features.hs06 * slot.cores) / facts.cores) }),
    },
  })),
];
