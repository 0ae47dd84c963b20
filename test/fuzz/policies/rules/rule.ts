import type { Look } from '../look.ts';

/** What was wrong, for people; `undefined` where nothing was. */
export type Watch = (look: Look) => string | undefined;

/** Something that has to hold at every look of every history, whatever happens. */
export interface Rule {
  readonly name: string;
  readonly told: string;
  /** For one history, of which it may remember what it needs. It looks before the decision is carried out. */
  watch(): Watch;
}
