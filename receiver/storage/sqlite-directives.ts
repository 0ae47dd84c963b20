import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Acknowledgement } from '../../protocol/directive.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { DirectiveRecord } from '../directives/directive-record.ts';

const number = <K extends string>(key: K, value: SQLOutputValue | undefined) =>
  (value === null ? {} : { [key]: Number(value) }) as { [P in K]?: number };

/** Our own rows, written below; they are not checked again. */
const recordOf = (row: Record<string, SQLOutputValue>): DirectiveRecord => ({
  id: String(row.id),
  vmId: String(row.vm_id),
  wish: JSON.parse(String(row.wish)) as DirectiveRecord['wish'],
  reason: String(row.reason),
  by: String(row.given_by),
  createdMs: Number(row.created_ms),
  expiresAtMs: Number(row.expires_at_ms),
  ...number('firstSentMs', row.first_sent_ms),
  ...number('acknowledgedMs', row.acknowledged_ms),
  ...(row.outcome === null
    ? {}
    : { outcome: String(row.outcome) as Acknowledgement['outcome'], detail: String(row.detail) }),
});

const WHOLE = 'SELECT * FROM directive JOIN directive_order USING (given)';

/** The tables `directive` and `directive_order`. Synchronous: called inside a transaction, or for a reading. */
export const createDirectiveTable = (database: DatabaseSync) => {
  const insert = database.prepare(
    `INSERT INTO directive (id, vm_id, kind, reason, created_ms, expires_at_ms)
     VALUES (:id, :vmId, :kind, :reason, :createdMs, :expiresAtMs)`,
  );
  /** All that goes with a kind, and who gave it: what the first version had no room for. */
  const insertOrder = database.prepare(
    'INSERT INTO directive_order (given, given_by, wish) VALUES (:given, :by, :wish)',
  );
  const acknowledge = database.prepare(
    `UPDATE directive SET outcome = :outcome, detail = :detail, acknowledged_ms = :nowMs
     WHERE id = :id AND vm_id = :vmId AND outcome IS NULL`,
  );
  const waiting = database.prepare(
    `${WHOLE} WHERE vm_id = :vmId AND outcome IS NULL AND expires_at_ms > :nowMs
     ORDER BY given LIMIT ${LIMITS.directives}`,
  );
  const markSent = database.prepare('UPDATE directive SET first_sent_ms = ? WHERE id = ?');
  const ofVm = database.prepare(`${WHOLE} WHERE vm_id = ? ORDER BY given DESC LIMIT ?`);
  const ofAll = database.prepare(`${WHOLE} ORDER BY given DESC LIMIT ?`);

  return {
    add: ({ id, vmId, wish, reason, by, createdMs, expiresAtMs }: DirectiveRecord): void => {
      const { kind } = wish;
      const { lastInsertRowid: given } = insert.run({
        ...{ id, vmId, kind, reason, createdMs, expiresAtMs },
      });
      insertOrder.run({ given, by, wish: JSON.stringify(wish) });
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
    list: (vmId: string | undefined, limit: number): DirectiveRecord[] =>
      (vmId === undefined ? ofAll.all(limit) : ofVm.all(vmId, limit)).map(recordOf),
  };
};
