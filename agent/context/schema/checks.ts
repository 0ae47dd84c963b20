import * as v from 'valibot';
import { Duration, HttpUrl, whole } from './words.ts';

/** Is this node fit for payloads? */

export const CHECK_NAMES = [
  'disk',
  'memory',
  'clock',
  'dns',
  'outbound',
  'squid',
  'cvmfs',
  'containers',
  'gpus',
  'credentials',
  'dead-man',
] as const;
export const Checks = v.strictObject({
  /** Checks that this VM goes without. */
  skip: v.optional(
    v.array(v.picklist(CHECK_NAMES, `one of: ${CHECK_NAMES.join(', ')}`), 'a list of checks'),
    [],
  ),
  /** Room that payloads need under the scratch folder. */
  diskMb: v.optional(whole(0, 100_000_000), 1000),
  memoryMb: v.optional(whole(0, 100_000_000), 256),
  /** By how much the clock may be wrong. */
  clockOffset: v.optional(Duration, '5m'),
  /** How long every credential must still live. */
  credentialLife: v.optional(Duration, '10m'),
  /** Where squids are asked to fetch a manifest from. */
  stratumOne: v.optional(HttpUrl, 'http://cvmfs-stratum-one.cern.ch'),
});
