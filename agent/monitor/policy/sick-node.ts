import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs, type Moment } from '../../moment.ts';
import { ailmentsOf } from './ailments.ts';
import { modeIn } from './mode.ts';
import type { Judgement, Policy, PolicyInput } from './policy.ts';
import { stood } from './window.ts';

const NAME = 'sick-node';

/** Ill for long enough it is held, which tells pilots to begin nothing; repairs are tried from the first look on. */
const judgeIll = (
  { snapshot: { now }, since }: PolicyInput,
  { isHeld, afterMs }: { isHeld: boolean; afterMs: number },
  told: string,
): Pick<Judgement, 'action' | 'because' | 'since'> => {
  const begun = since ?? now;
  const illMs = elapsedMs(begun, now);
  if (isHeld) return { action: 'hold', because: told };
  if (illMs >= afterMs) return { action: 'hold', because: told, since: begun };
  const because = `${told}, for ${formatDuration(illMs)} of ${formatDuration(afterMs)}`;
  return { action: 'none', because, since: begun };
};

/** A held one has to be well for as long, so that one that is well now and then is not let go each time. */
const judgeWell = (
  { state: { hold }, snapshot: { now }, since }: PolicyInput,
  { isHeld, afterMs }: { isHeld: boolean; afterMs: number },
  told: string,
): Judgement => {
  if (!isHeld || hold === undefined) return { action: 'none', because: told };
  // What is older than the hold tells since when it was ill.
  const isOlder = since === undefined || elapsedMs(since, now) > elapsedMs(hold.since, now);
  const begun: Moment = isOlder ? now : since;
  const wellMs = elapsedMs(begun, now);
  const because = `${told}, for ${formatDuration(wellMs)} of ${formatDuration(afterMs)}`;
  return wellMs >= afterMs
    ? { action: 'none', because }
    : { action: 'hold', because, since: begun };
};

/**
 * Holds a node on which payloads would fail: CVMFS or the disk gone, no squid and no fallback, most slots given
 * up. It is mended where that can be done, and works on once it is well again; a hold that ends halts it.
 */
export const sickNode: Policy = {
  name: NAME,
  asks: ['hold'],
  when: 'CVMFS or the disk is gone, no squid serves, or most slots have given up; lifted once it is well',
  mode: ({ policies }) => modeIn(policies.sickNode),
  judge: input => {
    const { state, snapshot, context, since } = input;
    const settings = context.policies.sickNode;
    if (settings === false) return { action: 'none', because: 'switched off by the context' };
    if (snapshot.preparation.state !== 'done')
      return { action: 'none', because: 'the VM is not at work yet', keeps: true };
    const course = { isHeld: state.hold?.by === NAME, afterMs: settings.after };
    const all = ailmentsOf(snapshot.readings, state, context, settings.diskFreeShare);
    const ill = all.filter(({ is }) => is === 'ill');
    const toldOf = (some: typeof all): string => some.map(({ told }) => told).join('; ');
    if (ill.length > 0)
      return {
        ...judgeIll(input, course, toldOf(ill)),
        repairs: ill.flatMap(({ repair }) => repair ?? []),
      };
    const unknown = all.filter(({ is }) => is === 'unknown');
    if (unknown.length > 0 && (course.isHeld || since !== undefined))
      return {
        ...{ action: 'none', because: toldOf(unknown), keeps: true },
        since: course.isHeld ? undefined : stood(since, snapshot),
      };
    return judgeWell(input, course, toldOf(all));
  },
};
