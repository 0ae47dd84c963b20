import * as v from 'valibot';
import { AbsolutePath, Duration, HttpUrl, share } from './words.ts';

const Lifetime = v.pipe(
  v.strictObject({
    /** The hard end, from the VM's first start; no restart extends it. */
    max: v.optional(Duration, '48h'),
    /** What a typical payload takes: draining begins this long before the hard end. */
    payload: v.optional(Duration, '6h'),
    /** Draining begins up to this much earlier, differently for each VM, so that a fleet does not end at once. */
    spread: v.optional(Duration, '1h'),
  }),
  v.check(
    ({ max, payload, spread }) => payload + spread < max,
    'payload and spread together are shorter than max',
  ),
);
const ZeroLoad = v.strictObject({
  /** Load below which the VM counts as unused. */
  below: v.optional(share, 0.1),
  window: v.optional(Duration, '10m'),
  minimumAge: v.optional(Duration, '15m'),
});
const NoPayloads = v.strictObject({
  window: v.optional(Duration, '20m'),
  minimumAge: v.optional(Duration, '15m'),
});
const FeaturesPlace = v.union(
  [AbsolutePath, HttpUrl],
  'the folder or address of machine or job features, such as /etc/machinefeatures',
);
const Preemption = v.strictObject({
  /**
   * When a cloud that waits for us (Azure's scheduled events) is told that it may begin: once the pilots
   * have ended, as soon as it is heard, or never.
   */
  acknowledge: v.optional(
    v.picklist(['when-ended', 'at-once', 'never'], 'when-ended, at-once or never'),
    'when-ended',
  ),
  /** $MACHINEFEATURES of the machine around this VM, whose shutdown time holds for it: a folder or address. */
  machineFeatures: v.optional(FeaturesPlace),
  /** The same of its $JOBFEATURES. */
  jobFeatures: v.optional(FeaturesPlace),
});
export type Preemption = v.InferOutput<typeof Preemption>;
const off = v.literal(false, 'settings, or false to switch it off');
/** A policy's settings, or `false`; lazy, so that an error names what is wrong inside the settings. */
const optionalPolicy = <S extends v.GenericSchema>(settings: S) =>
  v.lazy((input): S | typeof off => (typeof input === 'object' ? settings : off));
export const Policies = v.strictObject({
  lifetime: v.optional(Lifetime, {}),
  zeroLoad: v.optional(optionalPolicy(ZeroLoad), {}),
  noPayloads: v.optional(optionalPolicy(NoPayloads), {}),
  preemption: v.optional(optionalPolicy(Preemption), {}),
  /**
   * What a VM does that went down and came up again though nobody had told it to, as after a kernel's panic, a reset
   * or a failed host: `halt` reports it and ends, `allow` goes on. A reboot in order is none of these.
   */
  reboots: v.optional(v.picklist(['halt', 'allow'], 'halt or allow'), 'halt'),
});
export type Policies = v.InferOutput<typeof Policies>;
