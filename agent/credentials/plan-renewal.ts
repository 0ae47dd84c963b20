/** What is known of a credential that an agent keeps fresh. Times are ms since 1970. */
export interface RenewalInput {
  nowMs: number;
  /** When its present content came. */
  obtainedMs: number;
  /** When that content ends; `undefined` if nobody says. */
  endMs: number | undefined;
  /** So long ahead of its end it is renewed at the latest. */
  beforeMs: number;
  /** Tries that failed since, one after another. */
  failures: number;
  lastTryMs: number;
  /** From 0 to 1, always the same for one VM: a fleet that was started at once does not come at once. */
  spread: number;
  /** From 0 to 1, a new one each time. */
  jitter: number;
}

/** How often what does not say its end is renewed. */
const WITHOUT_END_MS = 30 * 60_000;
const FIRST_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 5 * 60_000;

/**
 * When a credential that lives well is renewed: at half of its life, or `before` ahead of its end where
 * that is sooner, but not in the first quarter, so that one that lives shorter than `before` is not
 * asked for without pause. A VM's spread makes it up to a quarter of that earlier.
 */
const dueMs = ({ obtainedMs, endMs, beforeMs, spread }: RenewalInput): number => {
  const life = endMs === undefined ? 2 * WITHOUT_END_MS : Math.max(0, endMs - obtainedMs);
  const ahead = endMs === undefined ? 0 : beforeMs;
  const wait = Math.max(life / 4, Math.min(life / 2, life - ahead));
  return obtainedMs + wait * (1 - spread / 4);
};

/** Soon at first, then seldom; the less life is left, the sooner. */
const retryMs = ({ nowMs, endMs, failures, jitter }: RenewalInput): number => {
  const backOff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
  const left = endMs === undefined ? 0 : endMs - nowMs;
  const most = left > 0 ? Math.max(FIRST_RETRY_MS, left / 4) : LONGEST_RETRY_MS;
  return Math.min(backOff, most) * (0.5 + jitter / 2);
};

/** ms until the next try; 0: at once. */
export const planRenewal = (input: RenewalInput): number => {
  const { nowMs, failures, lastTryMs } = input;
  const atMs = failures === 0 ? dueMs(input) : lastTryMs + retryMs(input);
  return Math.max(0, atMs - nowMs);
};
