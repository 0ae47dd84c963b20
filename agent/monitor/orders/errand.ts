import * as v from 'valibot';
import {
  COLLECT_LOGS,
  REDISCOVER_SQUIDS,
  RELOAD_CONTEXT,
  SIGNAL,
} from '../../../protocol/order-fields.ts';

const common = { id: v.string(), by: v.string() };

/** An order that is carried out beside the ticks, which never wait for it. Written down before it begins. */
export const Errand = v.variant('kind', [
  v.object({ ...common, ...SIGNAL }),
  v.object({ ...common, ...COLLECT_LOGS }),
  v.object({ ...common, ...REDISCOVER_SQUIDS }),
  v.object({ ...common, ...RELOAD_CONTEXT }),
]);
export type Errand = v.InferOutput<typeof Errand>;
export type ErrandKind = Errand['kind'];
export type ErrandOf<K extends ErrandKind> = Extract<Errand, { kind: K }>;
