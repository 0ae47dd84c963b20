import type { BootCause } from '../boot-record.ts';
import type { Moment } from '../moment.ts';
import type { Answer } from '../pilot/answer.ts';
import type { Slot } from '../pilot/slots.ts';
import type { UnitSighting } from '../pilot/unit/unit.ts';
import type { Reading } from '../reading.ts';
import type { KeptPlan } from './kept-plan.ts';
import type { Notice } from './notices/notice.ts';
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
  /** Cores in use since the last look, all of the machine. */
  busyCores?: Reading;
  /** Cores that waited for I/O since the last look, all of the machine. */
  ioWaitCores?: Reading;
  /** Received and sent since the last look, by all interfaces that lead out of the machine. */
  networkBytesPerS?: Reading;
  /** Read from and written to disks since the last look. */
  diskBytesPerS?: Reading;
  /** Of the memory, what programs can have without swapping, from 0 to 1. */
  memoryFreeShare?: Reading;
  /** Pressure stall information: percent of the last minute in which some task waited for it. */
  cpuPressure?: Reading;
  memoryPressure?: Reading;
  ioPressure?: Reading;
  /** Free from 0 to 1, the worst of the root disk, scratch and the CVMFS cache. */
  diskFreeShare?: Reading;
  inodesFreeShare?: Reading;
  /** 1: every repository of the context answers; 0: one does not. */
  cvmfs?: Reading;
  /** I/O errors that CVMFS has counted between the last two times it was asked. */
  cvmfsErrors?: Reading;
  /** Downloaded by CVMFS between the last two times it was asked. */
  cvmfsBytesPerS?: Reading;
  /** 1: a squid of the context serves; 0: none does. */
  squid?: Reading;
  /** This clock less the receiver's, ms. */
  clockOffsetMs?: Reading;
  /** How old a reading is that was not taken at this look, ms, by its name. */
  agesMs?: Ages;
}

/** How long a credential still lives; without `leftMs` it does not say. */
export interface LifeLeft {
  name: string;
  leftMs?: number;
}

/** Every single reading there is. */
export type ReadingName = Exclude<keyof Readings, 'agesMs'>;
export type Ages = Readonly<Partial<Record<ReadingName, number>>>;

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
  /** Slots whose pilots are to be ended whatever is wished, as they took more than is theirs, and why. */
  offences?: ReadonlyMap<string, string> | undefined;
  /** The same of those that make no progress. */
  stuck?: ReadonlyMap<string, string> | undefined;
  /** What is announced now of this VM's end: what was withdrawn is gone; absent while nobody has been asked. */
  notices?: readonly Notice[] | undefined;
  /** When the receiver last acknowledged a heartbeat; absent where none has been since the agent's start. */
  heardAt?: Moment | undefined;
  /** Absent while nobody knows. */
  credentialLives?: readonly LifeLeft[] | undefined;
  /** What the receiver planned when it answered last; absent where it has not answered since the agent's start. */
  plans?: readonly KeptPlan[] | undefined;
  orders: readonly Order[];
  /** Orders that were carried out beside the ticks, and how they ended. */
  errandEnds?: readonly ErrandEnd[];
  /** How this boot of the VM came about. */
  boot?: BootCause | undefined;
  /** Sources of notices that could not be asked, one line each. */
  noticeTroubles?: readonly string[];
  /** When all must be over, since the system of this VM stops. */
  systemStop?: Moment;
  /** False when the state could not be written last time: then nothing new is begun. */
  canPersist: boolean;
  /** From 0 to 1, a new one each time. */
  jitter: number;
}
