import * as v from 'valibot';
import type { Order } from '../order.ts';
import type { Snapshot } from '../snapshot.ts';
import { KEPT_HANDLED, type MonitorState } from '../state.ts';
import { Errand, type ErrandKind } from './errand.ts';
import { type Obeyed, type OrderEnd, refuse } from './obeyed.ts';

/** What became of an errand. */
export type ErrandEnd = OrderEnd & { id: string };

/** More at once come from a mistake. */
const MOST = 16;

/** Of a VM that powers off nothing is made better. */
const NEEDS_VM: readonly ErrandKind[] = ['rediscover-squids', 'reload-context'];

export const obeyErrand = (state: MonitorState, order: Order): Obeyed => {
  const errands = state.errands ?? [];
  const { id, source, by } = order;
  const parsed = v.safeParse(Errand, { ...order, id, by: by ?? source });
  if (!parsed.success) return refuse(state, `it cannot be understood: ${parsed.issues[0].message}`);
  const errand = parsed.output;
  if (state.ending?.kind === 'halt' && NEEDS_VM.includes(errand.kind))
    return refuse(state, 'the VM is halting');
  if (errands.length >= MOST) return refuse(state, `${MOST} orders are being carried out already`);
  return { state: { ...state, errands: [...errands, errand] } };
};

/** What it is that must not be done twice, so that an agent that finds it begun leaves it at that. */
const isOnce = ({ kind }: Errand): boolean => kind === 'signal';

/**
 * Those that have ended are acknowledged. At an agent's first look, what one before it may have done and
 * could not tell is done again, unless that matters.
 */
export const settleErrands = (
  state: MonitorState,
  { errandEnds: ends = [], lookedAt }: Pick<Snapshot, 'errandEnds' | 'lookedAt'>,
): MonitorState => {
  const { errands = [], ...rest } = state;
  if (errands.length === 0) return state;
  const lost: OrderEnd = {
    outcome: 'refused',
    detail: 'the agent was restarted meanwhile, and may have done it: it is not done again',
  };
  const handled = [...state.handled];
  const left: Errand[] = [];
  for (const errand of errands) {
    const ended = ends.find(({ id }) => id === errand.id);
    const end = ended ?? (lookedAt === undefined && isOnce(errand) ? lost : undefined);
    if (end === undefined) left.push(errand);
    else handled.push({ ...end, id: errand.id });
  }
  return {
    ...rest,
    handled: handled.slice(-KEPT_HANDLED),
    ...(left.length === 0 ? {} : { errands: left }),
  };
};
