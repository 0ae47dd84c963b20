import type { Context } from '../context/schema.ts';
import type { Moment } from '../moment.ts';
import type { UplinkCourse } from '../uplink/uplink.ts';
import { type KeptPlan, keepPlans } from './kept-plan.ts';
import type { Snapshot } from './snapshot.ts';

/** What the receiver has told this VM, beside its orders, and when it was heard. */
export interface ReceiverWord extends UplinkCourse {
  /** What an agent before this one knew. */
  recall(plans: readonly KeptPlan[]): void;
  look(): Pick<Snapshot, 'heardAt' | 'plans'>;
}

/** Two heartbeats may be lost without a lease running out. */
const BEATS_IN_A_LEASE = 3;

export const createReceiverWord = (now: () => Moment, context: () => Context): ReceiverWord => {
  let known: readonly KeptPlan[] = [];
  let heard: Pick<Snapshot, 'heardAt' | 'plans'> = {};
  return {
    recall: plans => {
      known = plans;
    },
    acknowledged: told => {
      const at = now();
      if (told !== undefined) known = keepPlans(known, told, at);
      heard = { heardAt: at, plans: told === undefined ? heard.plans : known };
    },
    longestMs: () => {
      const { lease } = context().policies.lostReceiver;
      return lease === undefined ? Number.POSITIVE_INFINITY : lease / BEATS_IN_A_LEASE;
    },
    // A look is waited for by a person; each time it is asked costs some ms of processor.
    asksEarly: () => context().peek.allow.length > 0,
    look: () => heard,
  };
};
