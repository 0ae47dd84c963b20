import { remainingMs } from '../../../../agent/moment.ts';
import { causesOf } from '../../../../agent/monitor/drain-causes.ts';
import type { DrainCause, Ending } from '../../../../agent/monitor/state.ts';
import type { Rule } from './rule.ts';

export const haltIsRemembered: Rule = {
  name: 'halt-is-remembered',
  told: 'a halt that was decided stands, whatever comes after it',
  watch: () => {
    let isHalting = false;
    let isNow = false;
    return ({ output }) => {
      const { ending } = output.state;
      if (isHalting && ending?.kind !== 'halt') return 'the halt is forgotten';
      if (ending?.kind !== 'halt') return undefined;
      if (isNow && ending.mode !== 'now') return 'a halt at once has become a graceful one';
      isHalting = true;
      isNow = ending.mode === 'now';
      return undefined;
    };
  },
};

/** Of a hold the drain ends with it; what people order, and the life time, stand. */
const standing = (ending: Ending | undefined): DrainCause[] =>
  causesOf(ending).filter(({ by }) => by !== 'hold');

export const drainIsRemembered: Rule = {
  name: 'drain-is-remembered',
  told: 'a drain stands until it is taken back, and its end comes no later than it was',
  watch: () => {
    let endsAtMs: number | undefined;
    return ({ world, input, output }) => {
      const { now } = input.snapshot;
      const { ending } = output.state;
      const isTakenBack = world.told.isUndrained;
      const before = endsAtMs;
      // Across a boot there is nothing but the wall clock, which may have been wrong when it began.
      const ends = standing(ending)
        .filter(({ deadline }) => deadline.bootId === now.bootId)
        .map(({ deadline }) => world.nowMs + remainingMs(deadline, now));
      endsAtMs = ends.length === 0 ? undefined : Math.min(...ends);
      if (before === undefined || isTakenBack) return undefined;
      if (ending?.kind !== 'halt' && standing(ending).length === 0) return 'the drain is forgotten';
      return endsAtMs !== undefined && endsAtMs > before + 1
        ? `the end of the drain has moved by ${endsAtMs - before} ms`
        : undefined;
    };
  },
};
