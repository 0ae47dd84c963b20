import { remainingMs } from '../../../../agent/moment.ts';
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
      endsAtMs =
        ending?.kind === 'drain' && ending.deadline.bootId === now.bootId
          ? world.nowMs + remainingMs(ending.deadline, now)
          : undefined;
      if (before === undefined || isTakenBack) return undefined;
      if (ending === undefined) return 'the drain is forgotten';
      return endsAtMs !== undefined && endsAtMs > before + 1
        ? `the end of the drain has moved by ${endsAtMs - before} ms`
        : undefined;
    };
  },
};
