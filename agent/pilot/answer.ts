import type { Reading } from '../reading.ts';
import type { Outcome } from './outcome.ts';

/** What is known of a run beyond its processes: what its pilot said, or what was asked of it. */
export interface Answer {
  /** False while it cannot take payloads; `undefined` where its kind does not tell. */
  ready?: boolean;
  payloads: Reading;
  /** Parts of its slot that are free, and that somebody has claimed. */
  slots?: { idle: number; claimed: number };
  /** Ids of the payloads that it runs, where its kind tells. */
  jobs?: readonly string[];
  /** Payloads that it has started since it began. */
  payloadsStarted?: number;
  /** It takes no new payload. */
  draining?: boolean;
  /** False if those who would give it payloads refuse it; `undefined` where that is not known. */
  joined?: boolean;
  /** The last line that it wrote for us, of bounded length. */
  said?: string;
  /** Once it has ended: what that means, and why in a line for people, where its own words tell. */
  end?: { outcome?: Outcome; why?: string };
}
