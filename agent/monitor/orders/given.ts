import type { Order, OrderSource } from '../order.ts';

/** By whom an order was given, and under which id. */
export interface Given {
  id: string;
  source: OrderSource;
}

/** UUIDv7 (RFC 9562): the time is its beginning, so the order of ids is that of time. */
const V7 = /^(?:local-)?[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const givenBy = ({ id, source }: Order): Given => ({ id, source });

/**
 * True if the one was given after the other, in whatever order they arrived. Ids that do not tell, and
 * sources with clocks of their own, leave it to the order of arrival.
 */
export const isLaterThan = (one: Given, other: Given): boolean =>
  one.source === other.source && V7.test(one.id) && V7.test(other.id) && one.id > other.id;
