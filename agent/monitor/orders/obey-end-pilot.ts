import { closeSlot, type EndWish } from '../../pilot/asked-end.ts';
import { isAlive } from '../../pilot/slot-state.ts';
import { unitId } from '../../pilot/unit/unit.ts';
import type { Order } from '../order.ts';
import type { MonitorState } from '../state.ts';
import { done, type Obeyed, refuse } from './obeyed.ts';

/** Two orders about one run: `now` and `no other after it` are the stronger words. */
const joined = (before: EndWish | undefined, wish: EndWish): EndWish =>
  before?.generation !== wish.generation
    ? wish
    : {
        ...before,
        mode: before.mode === 'now' ? 'now' : wish.mode,
        restart: before.restart && wish.restart,
      };

/**
 * One pilot is ended. The run is made out when the order is obeyed and written down with it, so that
 * neither a repetition nor a restart of the agent ends the one that follows.
 */
export const obeyEndPilot = (state: MonitorState, order: Order): Obeyed => {
  const [slot = '', run] = (order.pilot ?? '').split('-');
  const known = state.slots[slot];
  if (known === undefined) return refuse(state, `this VM has no slot ${slot}`);
  const generation = run === undefined ? known.generation : Number(run);
  const unit = unitId({ slot, generation });
  const current = unitId({ slot, generation: known.generation });
  if (generation > known.generation) return refuse(state, `there has been no ${unit} yet`);
  if (generation < known.generation)
    return done(state, `${unit} has ended already; ${current} followed it`);
  const { mode = 'graceful', restart = true } = order;
  if (!isAlive(known)) {
    const none = generation === 0 ? `no pilot runs in slot ${slot}` : `${unit} has ended already`;
    if (restart) return done(state, none);
    const slots = { ...state.slots, [slot]: closeSlot(known) };
    return done({ ...state, slots }, `${none}, and no other starts`);
  }
  const because = [order.source, order.reason].filter(text => text !== '').join(': ');
  const wish = joined(state.ends?.[slot], {
    generation,
    mode,
    restart,
    because: because.slice(0, 200),
  });
  return done(
    { ...state, ends: { ...state.ends, [slot]: wish } },
    `${unit} is ${mode === 'now' ? 'killed' : 'told to end'}${restart ? '' : ', and no other starts'}`,
  );
};
