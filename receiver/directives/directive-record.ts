import type { Acknowledgement, DirectiveKind } from '../../protocol/directive.ts';

/** What an operator asked of a VM, and what became of it. Times are the receiver's, ms since 1970. */
export interface DirectiveRecord {
  /** UUIDv7. Storage keeps the order in which directives were given; clocks may step back. */
  id: string;
  vmId: string;
  kind: DirectiveKind;
  reason: string;
  /** Of a halt. */
  mode?: 'graceful' | 'now';
  /** Of a drain: until when running pilots may go on. */
  deadlineAtMs?: number;
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
