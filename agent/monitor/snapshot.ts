import type { Moment } from '../moment.ts';
import type { Answer } from '../pilot/answer.ts';
import type { Slot } from '../pilot/slots.ts';
import type { UnitSighting } from '../pilot/unit/unit.ts';
import type { Reading } from '../reading.ts';
import type { Order } from './order.ts';
import type { ErrandEnd } from './orders/obey-errand.ts';

/** How far the contextualization has come, as far as the monitor must know. */
export type Preparation =
  | { state: 'pending' }
  | { state: 'done'; slots: readonly Slot[] }
  | { state: 'failed'; reason: string };

export interface Readings {
  /** One-minute load average; where a folder is the machine, cores in use by its pilots. */
  load: Reading;
  /** Cores in use by pilots since the last look. */
  cpuCores: Reading;
  /** Payloads that the pilots say they run. */
  payloads: Reading;
  /** GPUs in use; absent where pilots have none. */
  gpus?: Reading;
}

/** All that a decision may rest on. */
export interface Snapshot {
  now: Moment;
  /** When this agent looked before; not at its first look. */
  lookedAt?: Moment | undefined;
  preparation: Preparation;
  readings: Readings;
  sightings: readonly UnitSighting[];
  /** What pilots said or answered, by unit; of runs that have ended what they said last. */
  answers?: ReadonlyMap<string, Answer>;
  /** Slots whose pilots are to be ended whatever is wished, as they took more than is theirs or are stuck, and why. */
  offences?: ReadonlyMap<string, string> | undefined;
  orders: readonly Order[];
  /** Orders that were carried out beside the ticks, and how they ended. */
  errandEnds?: readonly ErrandEnd[];
  /** False when the state could not be written last time: then nothing new is begun. */
  canPersist: boolean;
  /** From 0 to 1, a new one each time. */
  jitter: number;
}
