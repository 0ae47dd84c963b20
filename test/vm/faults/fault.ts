import type { LinkMode } from './link-mode.ts';
import type { Moment } from './moments.ts';
import type { PayloadKind } from './payload.ts';
import type { SiteSpec } from './site.ts';
import type { WorldName } from './worlds.ts';

/** What is done to a VM or to what is around it: plain data. */
export type Deed =
  /** To the agent's main process, in the same breath as the moment is seen. */
  | { kind: 'signal'; signal: 'KILL' | 'STOP' }
  /** A command inside, as root, in the same breath too. */
  | { kind: 'inside'; command: string }
  /** The link to the receiver carries messages in another way from now on. */
  | { kind: 'link'; mode: LinkMode }
  | { kind: 'receiver'; signal: 'KILL' | 'STOP' | 'CONT' }
  /** An order of the operator. */
  | { kind: 'order'; order: 'drain' | 'halt' }
  /**
   * The cloud's metadata says something else at a path, or nothing any more; `+120s` in it stands for the
   * time two minutes later, as the cloud writes it.
   */
  | { kind: 'cloud'; path: string; says?: string }
  | { kind: 'wait'; seconds: number };

/** A deed, and the moment in the VM's life at which it is done; without one, right after the one before. */
export interface Strike {
  at?: Moment;
  does: Deed;
}

/** How the VM must have ended. */
export interface Expected {
  /** Why it powered itself off, in the agent's words on the console; `silence`: it could say nothing. */
  because: RegExp | 'silence';
  /** Payloads that began, each once, and how many of them came to their own end. */
  begun: number;
  finished: number;
  /** What the receiver last heard; left out where either may be. */
  heard?: 'halted' | 'nothing' | 'less';
  /** It must not have ended sooner, s from the first strike. */
  notBeforeS?: number;
  /** Must be found in the journal, or on the console, by what it is called. */
  told?: Readonly<Record<string, RegExp>>;
}

/** One line of the fault list. */
export interface Fault {
  /** In lower case, with dashes. */
  name: string;
  /** A plain VM unless said otherwise. */
  world?: WorldName;
  /** Also where no scenario is named. */
  smoke?: true;
  /** What is done, as the table at the end says it. */
  done: string;
  payload: PayloadKind;
  /** Run inside before the agent starts. */
  before?: string;
  /** Beside the context that all have, section by section. */
  context?: SiteSpec['context'];
  /** In the order in which they are done; the time to the end counts from the first. */
  strikes: readonly [Strike, ...Strike[]];
  expected: Expected;
  /** From the first strike to the power-off, s, on cores that are shared with another emulated guest. */
  boundS: number;
}
