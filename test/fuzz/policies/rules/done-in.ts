import type { DecideOutput } from '../../../../agent/monitor/decide.ts';

/** All that a decision does, without what is only said of it; for comparisons. */
export const doneIn = ({
  state: { ending, hold, slots },
  decision: { actions, repairs, finish, shutdown },
}: DecideOutput): string =>
  JSON.stringify([ending, hold, slots, actions, repairs, finish, shutdown]);
