import { PATHS } from '../../paths.ts';
import { countedCores } from '../../pilot/packing.ts';
import type { Slot } from '../../pilot/slots.ts';
import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

export const jobFeaturesOf = (slot: Pick<Slot, 'name'>): string =>
  `${PATHS.jobFeatures}/${slot.name}`;

const MB = 1024 * 1024;

const seconds = (ms: number): string => String(Math.round(ms / 1000));

/** Without the keys of which nothing is known. */
const known = (keys: Record<string, number | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(keys).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  );

/** A part of a whole, to a hundredth. */
const shareOf = (whole: number | undefined, part: number, parts: number): number | undefined =>
  whole === undefined ? undefined : Math.round((whole * part * 100) / parts) / 100;

const bytes = (mb: number | undefined): number | undefined =>
  mb === undefined ? undefined : mb * MB;

/**
 * Machine/Job Features (HSF-TN-2016-02): what jobs may know of the machine and of their share of it. Those
 * that move, with the deadlines and from pilot to pilot, are the monitor's.
 */
export const planFeatures = (
  { features, ending, pilots }: Context,
  facts: Pick<Facts, 'cores' | 'physicalCores'>,
  slots: readonly Slot[],
): Step[] => {
  const counted = pilots === undefined ? facts.cores : countedCores(pilots, facts);
  return [
    {
      kind: 'machine-features',
      id: 'machine-features',
      what: 'publish the machine features',
      lasts: 'boot',
      folder: PATHS.machineFeatures,
      keys: {
        // Those that jobs may have, which are fewer where some are for the system.
        total_cpu: String(counted - Math.min(counted, pilots?.reserve.cores ?? 0)),
        grace_secs: seconds(ending.killGrace),
        ...known({ hs06: features.hs06 }),
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
        ...known({
          hs06_job: shareOf(features.hs06, slot.cores, counted),
          max_rss_bytes: bytes(slot.memoryMb),
          max_swap_bytes: bytes(features.swapMbPerSlot),
          scratch_limit_bytes: bytes(features.scratchMbPerSlot),
        }),
      },
    })),
  ];
};
