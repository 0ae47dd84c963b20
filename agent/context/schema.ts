import * as v from 'valibot';
import { Authorities } from './schema/authorities.ts';
import { Checks } from './schema/checks.ts';
import { Credentials } from './schema/credentials.ts';
import { Cvmfs } from './schema/cvmfs.ts';
import { Scratch, Swap } from './schema/disks.ts';
import { Ending } from './schema/ending.ts';
import { Features } from './schema/features.ts';
import { Glidein } from './schema/glidein.ts';
import { Include } from './schema/include.ts';
import { Logs } from './schema/logs.ts';
import { Hostname, Kernel, Time } from './schema/machine.ts';
import { Metadata } from './schema/metadata.ts';
import { Peek } from './schema/peek.ts';
import { Pilots } from './schema/pilots.ts';
import { Policies } from './schema/policies.ts';
import { Identity, Receiver } from './schema/receiver.ts';
import { Hooks, SystemProxy } from './schema/system.ts';
import { Users } from './schema/users.ts';
import { Duration } from './schema/words.ts';

/**
 * The context, version 1: all that a VM is told from outside. Keys are what people write; durations
 * are written with a unit (`90s`, `20m`, `48h`) and are ms once parsed.
 */

const Monitor = v.strictObject({ tick: v.optional(Duration, '10s') });

const shared = {
  version: v.literal(1, 'version: 1'),
  /** How long a VM that cannot work stays up, for its evidence and against boot loops. */
  hold: v.optional(Duration, '20m'),
};

export const Context = v.strictObject({
  ...shared,
  include: v.optional(Include),
  receiver: v.optional(Receiver),
  identity: v.optional(Identity, {}),
  cvmfs: v.optional(Cvmfs),
  proxy: v.optional(SystemProxy),
  authorities: v.optional(Authorities),
  scratch: v.optional(Scratch, {}),
  swap: v.optional(Swap),
  credentials: v.optional(Credentials, []),
  metadata: v.optional(Metadata, {}),
  features: v.optional(Features, {}),
  hooks: v.optional(Hooks, {}),
  checks: v.optional(Checks, {}),
  users: v.optional(Users, {}),
  /** The machine keeps its own without it. */
  hostname: v.optional(Hostname),
  time: v.optional(Time),
  kernel: v.optional(Kernel, {}),
  pilots: v.optional(Pilots),
  glidein: v.optional(Glidein),
  logs: v.optional(Logs, {}),
  ending: v.optional(Ending, {}),
  peek: v.optional(Peek, {}),
  policies: v.optional(Policies, {}),
  monitor: v.optional(Monitor, {}),
});
export type Context = v.InferOutput<typeof Context>;

/** What is read from `00-receiver.yaml` alone, so that a VM whose context is broken can still say so. */
export const Lifeline = v.strictObject({
  ...shared,
  receiver: v.optional(Receiver),
  identity: v.optional(Identity, {}),
});
export type Lifeline = v.InferOutput<typeof Lifeline>;

/** What holds while nothing is known yet. */
export const DEFAULT_CONTEXT: Context = v.parse(Context, { version: 1 });
