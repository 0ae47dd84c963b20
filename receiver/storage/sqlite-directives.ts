import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Acknowledgement } from '../../protocol/directive.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { DirectiveRecord } from '../directives/directive-record.ts';

const number = <K extends string>(key: K, value: SQLOutputValue | undefined) =>
  (value === null ? {} : { [key]: Number(value) }) as { [P in K]?: number };

const recordOf = (row: Record<string, SQLOutputValue>): DirectiveRecord => ({
  id: String(row.id),
  vmId: String(row.vm_id),
  kind: String(row.kind) as DirectiveRecord['kind'],
  reason: String(row.reason),
  createdMs: Number(row.created_ms),
  expiresAtMs: Number(row.expires_at_ms),
  ...(row.mode === null ? {} : { mode: String(row.mode) as 'graceful' | 'now' }),
  ...number('deadlineAtMs', row.deadline_at_ms),
  ...number('firstSentMs', row.first_sent_ms),
  ...number('acknowledgedMs', row.acknowledged_ms),
  ...(row.outcome === null
    ? {}
    : { outcome: String(row.outcome) as Acknowledgement['outcome'], detail: String(row.detail) }),
});

/** The table `directive`. Synchronous: called inside a transaction, or for a reading. */
export const createDirectiveTable = (database: DatabaseSync) => {
  const insert = database.prepare(
    `INSERT INTO directive (id, vm_id, kind, reason, mode, deadline_at_ms, created_ms, expires_at_ms)
     VALUES (:id, :vmId, :kind, :reason, :mode, :deadlineAtMs, :createdMs, :expiresAtMs)`,
  );
  const acknowledge = database.prepare(
    `UPDATE directive SET outcome = :outcome, detail = :detail, acknowledged_ms = :nowMs
     WHERE id = :id AND vm_id = :vmId AND outcome IS NULL`,
  );
  const waiting = database.prepare(
    `SELECT * FROM directive WHERE vm_id = :vmId AND outcome IS NULL AND expires_at_ms > :nowMs
     ORDER BY given LIMIT ${LIMITS.directives}`,
  );
  const markSent = database.prepare('UPDATE directive SET first_sent_ms = ? WHERE id = ?');
  const list = database.prepare(
    'SELECT * FROM directive WHERE vm_id = ? ORDER BY given DESC LIMIT ?',
  );

  return {
    add: (directive: DirectiveRecord): void => {
      const { id, vmId, kind, reason, createdMs, expiresAtMs } = directive;
      const mode = directive.mode ?? null;
      const deadlineAtMs = directive.deadlineAtMs ?? null;
      insert.run({ id, vmId, kind, reason, mode, deadlineAtMs, createdMs, expiresAtMs });
    },
    acknowledge: (vmId: string, words: readonly Acknowledgement[], nowMs: number): void => {
      for (const { id, outcome, detail } of words)
        acknowledge.run({ id, vmId, outcome, detail, nowMs });
    },
    /** Those to send now; a first sending is noted. */
    takeWaiting: (vmId: string, nowMs: number): DirectiveRecord[] => {
      const directives = waiting.all({ vmId, nowMs }).map(recordOf);
      for (const { id, firstSentMs } of directives)
        if (firstSentMs === undefined) markSent.run(nowMs, id);
      return directives;
    },
    list: (vmId: string, limit: number): DirectiveRecord[] => list.all(vmId, limit).map(recordOf),
  };
};
