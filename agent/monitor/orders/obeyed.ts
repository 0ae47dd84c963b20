import type { Acknowledgement } from '../../../protocol/directive.ts';
import type { MonitorState } from '../state.ts';

/** How it ended, for whoever gave the order. */
export type OrderEnd = Omit<Acknowledgement, 'id'>;

/** What an order made of the state. One without an end is carried out beside the ticks, and ends later. */
export interface Obeyed {
  state: MonitorState;
  end?: OrderEnd;
}

export const done = (state: MonitorState, detail = ''): Obeyed => ({
  state,
  end: { outcome: 'done', detail },
});

export const refuse = (state: MonitorState, detail: string): Obeyed => ({
  state,
  end: { outcome: 'refused', detail },
});
