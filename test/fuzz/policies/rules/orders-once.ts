import type { DecideOutput } from '../../../../agent/monitor/decide.ts';
import { causesOf } from '../../../../agent/monitor/drain-causes.ts';
import { doneIn } from './done-in.ts';
import type { Rule } from './rule.ts';

export const ordersOnce: Rule = {
  name: 'orders-once',
  told: 'an order that was dealt with changes nothing when it comes again',
  watch:
    () =>
    ({ world, input, output, decide }) => {
      const { orders } = input.snapshot;
      if (orders.length === 0) return undefined;
      if (!orders.every(({ id }) => world.dealtWith.has(id))) return undefined;
      const without = decide({ ...input, snapshot: { ...input.snapshot, orders: [] } });
      return doneIn(without) === doneIn(output)
        ? undefined
        : `${orders.map(({ id }) => id).join(', ')} was obeyed twice`;
    },
};

/** What is left of an ending without who was the first to ask for it. */
const endOf = ({ state: { ending }, decision: { actions } }: DecideOutput): string =>
  JSON.stringify([
    ending?.kind,
    ending?.kind === 'halt' ? ending.mode : ending?.deadline,
    causesOf(ending)
      .map(({ by, order }) => `${by} ${order}`)
      .sort(),
    actions,
  ]);

export const ordersInAnyOrder: Rule = {
  name: 'orders-in-any-order',
  told: 'orders that come together do the same in whatever order they come',
  watch:
    () =>
    ({ input, output, decide }) => {
      const { orders } = input.snapshot;
      if (orders.length < 2) return undefined;
      const turned = decide({
        ...input,
        snapshot: { ...input.snapshot, orders: [...orders].reverse() },
      });
      return endOf(turned) === endOf(output)
        ? undefined
        : `${orders.map(({ kind }) => kind).join(', ')} do something else in turned order`;
    },
};
