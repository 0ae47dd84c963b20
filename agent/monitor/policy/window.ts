import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs, type Moment } from '../../moment.ts';
import type { Judgement, PolicyInput } from './policy.ts';

/** Halts once a condition has held for a whole window, on a VM old enough to have had its chance. */
export const haltAfterWindow = (
  { since, now, ageMs }: { since: Moment | undefined; now: Moment; ageMs: number },
  { window, minimumAge }: { window: number; minimumAge: number },
  condition: string,
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
  return { action: 'halt', because: told, since: begun };
};

/** While a VM is being prepared, or is held, it has no work for a reason that is no idleness. */
export const notAtWork = ({ state, snapshot }: PolicyInput): Judgement | undefined =>
  snapshot.preparation.state === 'done' && state.hold === undefined
    ? undefined
    : { action: 'none', because: 'the VM is not at work yet' };
