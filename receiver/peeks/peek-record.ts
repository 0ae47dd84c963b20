import type { Acknowledgement } from '../../protocol/directive.ts';
import type { PeekQuestion } from '../../protocol/peek.ts';

/** How a look ended, without what was seen. */
export interface PeekEnd {
  outcome: Acknowledgement['outcome'];
  detail: string;
  /** The run that was looked at. */
  unit?: string;
  /** Characters of the answer. */
  chars?: number;
  endedMs: number;
}

/** Who looked at what, when, and how it ended: the audit. Times are the receiver's, ms since 1970. */
export interface PeekRecord {
  /** UUIDv7. */
  id: string;
  vmId: string;
  question: PeekQuestion;
  /** Who asked, by the operator's own word, and from which address. */
  by: string;
  askedMs: number;
  /** From then on it is no longer sent. */
  expiresAtMs: number;
  /** When it first stood in an answer to the VM. */
  firstSentMs?: number;
  end?: PeekEnd;
}
