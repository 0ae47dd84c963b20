import type { DecideOutput } from '../../../../agent/monitor/decide.ts';
import type { Rule } from './rule.ts';

const doneIn = ({ state: { ending, hold, slots }, decision: { actions, finish } }: DecideOutput) =>
  JSON.stringify([ending, hold, slots, actions, finish]);

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
