import type { Context } from '../context/schema.ts';
import { later, type Moment } from '../moment.ts';
import { haltAgeMs } from './policy/lifetime.ts';
import type { MonitorState } from './state.ts';

/** When all payloads must have ended: early enough before the VM's hard end for pilots and farewell. */
export const hardEndOf = (
  { firstStart }: Pick<MonitorState, 'firstStart'>,
  context: Context,
): Moment => later(firstStart, haltAgeMs(context));

/** When a VM that does not end by itself is ended by the dead man's watch, however well it looks. */
export const latestEndOf = (
  { firstStart }: Pick<MonitorState, 'firstStart'>,
  { policies, ending }: Context,
): Moment => later(firstStart, policies.lifetime.max + ending.deadMan);
