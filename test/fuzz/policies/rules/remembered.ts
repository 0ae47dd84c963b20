import { remainingMs } from '../../../../agent/moment.ts';
import { causesOf, KEPT_ORDERS } from '../../../../agent/monitor/drain-causes.ts';
import type { Rule } from './rule.ts';

export const haltIsRemembered: Rule = {
  name: 'halt-is-remembered',
  told: 'a halt that was decided stands, whatever comes after it',
  watch: () => {
    let isHalting = false;
    let isNow = false;
    let by = '';
    let boots = 0;
    return ({ world, output }) => {
      const { ending } = output.state;
      // What the end of a system ended is over with it.
      if (world.boots !== boots && by === 'system-stop') isHalting = false;
      boots = world.boots;
      if (isHalting && ending?.kind !== 'halt') return 'the halt is forgotten';
      if (ending?.kind !== 'halt') return undefined;
      if (isNow && ending.mode !== 'now') return 'a halt at once has become a graceful one';
      isHalting = true;
      by = ending.by;
      isNow = ending.mode === 'now';
      return undefined;
    };
  },
};

/** Who drain a VM until somebody takes it back. */
const isOrdered = (by: string): boolean => by === 'receiver' || by === 'operator';

export const drainIsRemembered: Rule = {
  name: 'drain-is-remembered',
  told: 'a drain stands until it is taken back, and one that was ordered ends no later than it was to',
  watch:
    () =>
    ({ world, input, output }) => {
      const { now } = input.snapshot;
      const { ending } = output.state;
      if (ending?.kind === 'halt') return undefined;
      const after = causesOf(ending);
      const isFull = after.filter(({ order }) => order !== undefined).length >= KEPT_ORDERS;
      for (const { by, deadline, order } of causesOf(input.state.ending)) {
        const stands = after.find(cause => cause.by === by && cause.order === order);
        if (isOrdered(by) && world.told.isUndrained) continue;
        // Of more than the latch has room for, the oldest has become a part of the next.
        if (stands === undefined && order !== undefined && isFull) continue;
        const judged = output.decision.verdicts.find(({ policy }) => policy === by);
        // A policy takes back what it no longer asks for.
        const isOver = !isOrdered(by) && judged !== undefined && judged.action !== 'drain';
        if (by === 'preemption' && stands === undefined && !world.notices.canBeAsked)
          return 'the drain for a notice is taken back, and nobody could be asked';
        if (stands === undefined && !isOver) return `the drain by ${by} is forgotten`;
        const laterMs =
          stands === undefined || !isOrdered(by)
            ? 0
            : remainingMs(stands.deadline, now) - remainingMs(deadline, now);
        if (laterMs > 1) return `the end of the drain by ${by} has moved by ${laterMs} ms`;
      }
      return undefined;
    },
};
