import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { waitAtMost, withDeadline } from '../../platform/with-deadline.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Errand, ErrandKind, ErrandOf } from './orders/errand.ts';
import type { ErrandEnd } from './orders/obey-errand.ts';
import type { OrderEnd } from './orders/obeyed.ts';

/** Carries out one errand. Fails with a PilotageError where it cannot: its message goes to whoever asked. */
export type ErrandHands = {
  readonly [K in ErrandKind]: (errand: ErrandOf<K>, signal: AbortSignal) => Promise<OrderEnd>;
};

/** What orders have done beside the ticks. */
export interface Errands {
  /** Those that have not begun yet in this life of the agent. */
  begin(errands: readonly Errand[]): void;
  /** How they ended, until they are no longer among those that are to be done. */
  ends(): ErrandEnd[];
  stop(): Promise<void>;
}

/** At most, ms. */
const LIMIT_MS: Readonly<Record<ErrandKind, number>> = {
  signal: 60_000,
  'collect-logs': 120_000,
  'rediscover-squids': 400_000,
  // As long as the first contextualization may take.
  'reload-context': 3_600_000,
};

const SPARE_MS = 10_000;

/** Those that change the machine wait for each other. */
const laneOf = ({ kind }: Errand): 'machine' | 'quick' =>
  kind === 'reload-context' || kind === 'rediscover-squids' ? 'machine' : 'quick';

/** @param ended called when one has ended */
export const createErrands = (
  { clock, log }: { clock: Clock; log: Log },
  hands: ErrandHands,
  ended: () => void,
): Errands => {
  const stop = new AbortController();
  const taken = new Map<string, ErrandEnd | undefined>();
  const lanes = { machine: Promise.resolve(), quick: Promise.resolve() };

  const perform = <K extends ErrandKind>(
    errand: ErrandOf<K>,
    signal: AbortSignal,
  ): Promise<OrderEnd> => {
    // The table's type ties each kind to its own errand.
    const hand = hands[errand.kind as K];
    return hand(errand, signal);
  };

  const endOf = async (errand: Errand): Promise<OrderEnd> => {
    const limitMs = LIMIT_MS[errand.kind];
    try {
      const end = await withDeadline(clock, limitMs, over =>
        // One that does not end when it is told to holds up no other.
        waitAtMost(
          clock,
          limitMs + SPARE_MS,
          perform(errand, AbortSignal.any([over, stop.signal])),
        ),
      );
      return end ?? { outcome: 'refused', detail: `not done within ${limitMs / 1000} s` };
    } catch (error) {
      // A mistake of ours in an errand must not end an agent that pilots depend on.
      if (!isPilotageError(error))
        log.error({ order: errand.id, error: messageOf(error) }, 'an order went wrong');
      return { outcome: 'refused', detail: messageOf(error) };
    }
  };

  const take = async (errand: Errand): Promise<void> => {
    if (stop.signal.aborted) return;
    const { outcome, detail } = await endOf(errand);
    if (stop.signal.aborted) return;
    const { id, kind, by } = errand;
    taken.set(id, { id, outcome, detail: detail.slice(0, LIMITS.textChars) });
    log.info({ order: id, kind, by, outcome, detail }, 'order carried out');
    ended();
  };

  return {
    begin: errands => {
      const wanted = new Set(errands.map(({ id }) => id));
      for (const id of taken.keys()) if (!wanted.has(id)) taken.delete(id);
      for (const errand of errands) {
        if (taken.has(errand.id)) continue;
        taken.set(errand.id, undefined);
        const lane = laneOf(errand);
        lanes[lane] = lanes[lane].then(() => take(errand));
      }
    },
    ends: () => [...taken.values()].filter(end => end !== undefined),
    stop: async () => {
      stop.abort();
      await Promise.all(Object.values(lanes));
    },
  };
};
