import * as v from 'valibot';
import { AbsolutePath, Duration, HttpUrl, share, whole } from './words.ts';

/** `observe`: the policy says what it would do, in `why` and to the receiver, and does not do it. */
const modeOr = (usual: 'enforce' | 'observe') =>
  v.optional(v.picklist(['enforce', 'observe'], 'one of: enforce, observe'), usual);
const mode = modeOr('enforce');
const Plain = v.strictObject({ mode });

/** The halt at the hard end holds whatever the mode is. */
const Lifetime = v.pipe(
  v.strictObject({
    /** The hard end, from the VM's first start; no restart extends it. */
    max: v.optional(Duration, '48h'),
    /** What a typical payload takes: draining begins early enough for one that has just started. */
    payload: v.optional(Duration, '6h'),
    /** Draining begins up to this much earlier, differently for each VM, so that a fleet does not end at once. */
    spread: v.optional(Duration, '1h'),
    mode,
  }),
  v.check(
    ({ max, payload, spread }) => payload + spread < max,
    'payload and spread together are shorter than max',
  ),
);
/** Traffic from which on data counts as moving, in KB each second, over the network or to and from disks. */
const movingKbPerS = v.optional(whole(1, 1_000_000), 50);
const ZeroLoad = v.strictObject({
  /** Load, cores and GPUs in use below which the VM counts as unused. */
  below: v.optional(share, 0.1),
  movingKbPerS,
  window: v.optional(Duration, '10m'),
  minimumAge: v.optional(Duration, '15m'),
  mode,
});
const NoPayloads = v.strictObject({
  movingKbPerS,
  window: v.optional(Duration, '20m'),
  minimumAge: v.optional(Duration, '15m'),
  mode,
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
  mode,
});
export type Preemption = v.InferOutput<typeof Preemption>;
const Advice = v.strictObject({
  mode: modeOr('observe'),
});
/** Where a cloud bills by whole periods, an unused VM is halted near the end of one that is paid anyway. */
const Billing = v.pipe(
  v.strictObject({
    /** What the cloud bills at once: 1h. Counted from the VM's first start. */
    period: Duration,
    /** So long before the end of a period a VM may be halted; more where its pilots need it to end. */
    margin: v.optional(Duration, '5m'),
  }),
  v.check(({ period, margin }) => margin < period, 'a margin shorter than the period'),
);

const SHORTEST_LEASE_MS = 30_000;
const LostReceiver = v.pipe(
  v.strictObject({
    /**
     * How long the VM goes on without its receiver: by the end of it, it has drained and halts. Without a lease
     * it works on for as long as it lives. Heartbeats are sent at least three times in a lease.
     */
    lease: v.optional(Duration),
    /** So long before the lease runs out it drains; what a typical payload takes, or half of the lease if that is less. */
    drainBefore: v.optional(Duration),
    mode,
  }),
  v.check(
    ({ lease = SHORTEST_LEASE_MS }) => lease >= SHORTEST_LEASE_MS,
    'a lease of at least 30s, as heartbeats need some time',
  ),
  v.check(
    ({ lease, drainBefore = 0 }) =>
      drainBefore === 0 || (lease !== undefined && drainBefore < lease),
    'drainBefore shorter than a lease that is there',
  ),
);
const freeShare = v.optional(
  v.pipe(v.number('a number'), v.minValue(0, 'not below 0'), v.maxValue(1, 'at most 1')),
  0.01,
);
/** A sick node takes no more payloads; if it is not well again by the end of the hold, it ends. */
const SickNode = v.strictObject({
  /** How long it must be sick before it is held, and well before it works on. */
  after: v.optional(Duration, '5m'),
  /** Of the worst of /, scratch and the CVMFS cache: with less room, or fewer inodes, the node is sick. */
  diskFreeShare: freeShare,
  mode,
});

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
   * What a cloud advises without saying until when, as EC2 does when a spot instance is more likely than usual to be
   * taken: enforced, nothing new begins on the VM.
   */
  advice: v.optional(optionalPolicy(Advice), {}),
  /**
   * What a VM does that went down and came up again though nobody had told it to, as after a kernel's panic, a reset
   * or a failed host: `halt` reports it and ends, `allow` goes on. A reboot in order is none of these.
   */
  reboots: v.optional(v.picklist(['halt', 'allow'], 'halt or allow'), 'halt'),
  /** Without it a VM that is unused is halted at any time. */
  billing: v.optional(Billing),
  lostReceiver: v.optional(LostReceiver, {}),
  sickNode: v.optional(optionalPolicy(SickNode), {}),
  /** Drains for the first credential that ends and is not renewed. */
  credentialExpiry: v.optional(optionalPolicy(Plain), {}),
  /** Plans of the receiver's. */
  campaignEnd: v.optional(Plain, {}),
  budget: v.optional(Plain, {}),
  downtime: v.optional(Plain, {}),
  /** Halts at the end of a hold. */
  hold: v.optional(Plain, {}),
  pilotsGaveUp: v.optional(Plain, {}),
  pilotsEnded: v.optional(Plain, {}),
});
export type Policies = v.InferOutput<typeof Policies>;
