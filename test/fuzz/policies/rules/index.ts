import { endsByHardEnd, stepsAreBounded } from './bounded.ts';
import { failedIsNoGround } from './failed-readings.ts';
import { noPayloadAfterDrain, noPilotAfterDrain, nothingTwice } from './nothing-new.ts';
import { observeChangesNothing } from './observed.ts';
import { ordersInAnyOrder, ordersOnce } from './orders-once.ts';
import { drainIsRemembered, haltIsRemembered } from './remembered.ts';
import type { Rule } from './rule.ts';
import { busyIsSpared } from './spared.ts';

/** All that has to hold. */
export const RULES: readonly Rule[] = [
  noPilotAfterDrain,
  noPayloadAfterDrain,
  nothingTwice,
  haltIsRemembered,
  drainIsRemembered,
  busyIsSpared,
  failedIsNoGround,
  stepsAreBounded,
  endsByHardEnd,
  ordersOnce,
  ordersInAnyOrder,
  observeChangesNothing,
];
