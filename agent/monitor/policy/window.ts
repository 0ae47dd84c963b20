import { formatDuration } from '../../../platform/duration.ts';
import type { Context } from '../../context/schema.ts';
import { elapsedMs, later, type Moment } from '../../moment.ts';
import type { Snapshot } from '../snapshot.ts';
import { unpaidInMs } from './billing.ts';
import type { Judgement, PolicyInput } from './policy.ts';

/**
 * Halts once a condition has held for a whole window, on a VM old enough to have had its chance, and near
 * the end of what is paid for.
 */
export const haltAfterWindow = (
  { since, now, ageMs }: { since: Moment | undefined; now: Moment; ageMs: number },
  { window, minimumAge }: { window: number; minimumAge: number },
  condition: string,
  context: Context,
): Judgement => {
  const begun = since ?? now;
  const held = elapsedMs(begun, now);
  const told = `${condition} for ${formatDuration(held)} of ${formatDuration(window)}`;
  if (held < window) return { action: 'none', because: told, since: begun };
  if (ageMs < minimumAge)
    return {
      action: 'none',
      because: `${told}, but the VM is younger than ${formatDuration(minimumAge)}`,
      since: begun,
    };
  const waitMs = unpaidInMs(ageMs, context);
  if (waitMs > 0)
    return {
      action: 'none',
      because: `${told}, but the time is paid for; it halts in ${formatDuration(waitMs)}`,
      since: begun,
    };
  return { action: 'halt', because: told, since: begun };
};

/** The window stands while nobody knows: it is as long as before, but begins later. */
export const stood = (
  since: Moment | undefined,
  { now, lookedAt }: Pick<Snapshot, 'now' | 'lookedAt'>,
): Moment | undefined =>
  since === undefined || lookedAt === undefined
    ? undefined
    : later(since, elapsedMs(lookedAt, now));

/** While a VM is being prepared, or is held, it has no work for a reason that is no idleness. */
export const notAtWork = ({ state, snapshot }: PolicyInput): Judgement | undefined =>
  snapshot.preparation.state === 'done' && state.hold === undefined
    ? undefined
    : { action: 'none', because: 'the VM is not at work yet' };
