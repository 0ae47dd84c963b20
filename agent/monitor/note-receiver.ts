import type { Context } from '../context/schema.ts';
import { elapsedMs, type Moment } from '../moment.ts';
import type { Snapshot } from './snapshot.ts';
import type { MonitorState } from './state.ts';

/** Of a lease, what a restart may take for silence; so often the moment is written down. */
const SHARE = 1 / 20;

/**
 * From when on silence counts. Within a boot that is monotonic; in a new boot nothing is known of the time
 * before, so that it counts from the first look.
 */
const heardAtOf = (
  { heardAt, firstStart }: MonitorState,
  { now, heardAt: heard }: Snapshot,
  leaseMs: number,
): Moment => {
  const known = [heardAt, firstStart].find(moment => moment?.bootId === now.bootId) ?? now;
  if (heard === undefined) return known;
  return elapsedMs(known, now) - elapsedMs(heard, now) >= leaseMs * SHARE ? heard : known;
};

/** While the context is not known it may have a lease, as short as one may be. */
const UNKNOWN_LEASE_MS = 30_000;

/** Remembers what the receiver told: its plans, and where there is a lease when it was heard. Pure. */
export const noteReceiver = (
  state: MonitorState,
  snapshot: Snapshot,
  { policies }: Pick<Context, 'policies'>,
): MonitorState => {
  const isKnown = snapshot.preparation.state === 'done';
  const lease = isKnown ? policies.lostReceiver.lease : UNKNOWN_LEASE_MS;
  const { plans = state.plans } = snapshot;
  return {
    ...state,
    ...(lease === undefined ? {} : { heardAt: heardAtOf(state, snapshot, lease) }),
    ...(plans === undefined ? {} : { plans: [...plans] }),
  };
};
