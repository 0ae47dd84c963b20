import * as v from 'valibot';
import { GlideinArguments } from './glidein.ts';
import { SHARED_PILOT_KEYS } from './pilot-shared.ts';
import { SlotLayout } from './pilot-slots.ts';
import { CredentialName, Duration, HttpUrl, text } from './words.ts';

/**
 * Pilots that are glideins: a factory's glidein_startup.sh with its arguments. What is not said here
 * comes from `glidein`, which user-data of glideinWMS fills.
 */
export const GlideinwmsPilots = v.strictObject({
  kind: v.literal('glideinwms'),
  /** Where glidein_startup.sh is fetched from: the factory's stage area. */
  webbase: v.optional(HttpUrl),
  /** For glidein_startup.sh, behind those of `glidein`: of two that say the same the last one counts. */
  args: v.optional(GlideinArguments, []),
  /** Which of `credentials` is the pilot's proxy, and which its IDTOKEN. */
  proxy: v.optional(CredentialName),
  token: v.optional(CredentialName),
  /** What glidein_startup.sh has to be. All else it fetches itself, and checks by `-sign`. */
  sha256: v.optional(text(/^[0-9a-f]{64}$/i, '64 hexadecimal digits', 64)),
  sha1: v.optional(text(/^[0-9a-f]{40}$/i, '40 hexadecimal digits', 40)),
  /** How long to try to fetch it. */
  downloadTime: v.optional(Duration, '3m'),
  /** At a deadline jobs are told to end this long before, so that they can save their work. */
  vacate: v.optional(Duration, '2m'),
  /** How often the glidein's folder is looked at for what it does. */
  askEvery: v.optional(Duration, '15s'),
  /** A glidein shares its slot out among jobs, unless its arguments say `-slotslayout fixed`. */
  slots: v.optional(SlotLayout, 'pool'),
  ...SHARED_PILOT_KEYS,
});
export type GlideinwmsPilots = v.InferOutput<typeof GlideinwmsPilots>;
