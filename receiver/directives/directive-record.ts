import type { Acknowledgement, DirectiveKind, KnownDirective } from '../../protocol/directive.ts';

type Bare<D> = D extends { kind: DirectiveKind }
  ? Omit<D, 'id' | 'reason' | 'by' | 'expiresInMs'>
  : never;
/** What is wished, as it was given: its durations count from then on. */
export type DirectiveWish = Bare<KnownDirective>;

/** What an operator asked of a VM, and what became of it. Times are the receiver's, ms since 1970. */
export interface DirectiveRecord {
  /** UUIDv7. Storage keeps the order in which directives were given; clocks may step back. */
  id: string;
  vmId: string;
  wish: DirectiveWish;
  reason: string;
  /** Who asked, by the operator's own word, and from which address. */
  by: string;
  createdMs: number;
  /** From then on it is no longer sent. */
  expiresAtMs: number;
  /** When it first stood in an answer. */
  firstSentMs?: number;
  /** The VM's own word; the first one counts. */
  outcome?: Acknowledgement['outcome'];
  detail?: string;
  acknowledgedMs?: number;
}
