import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Acknowledgement } from '../../protocol/directive.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { PeekQuestion } from '../../protocol/peek.ts';
import type { PeekEnd, PeekRecord } from '../peeks/peek-record.ts';

type Row = Record<string, SQLOutputValue>;

const endOf = (row: Row): { end?: PeekEnd } =>
  row.outcome === null
    ? {}
    : {
        end: {
          outcome: String(row.outcome) as PeekEnd['outcome'],
          detail: String(row.detail),
          endedMs: Number(row.ended_ms),
          ...(row.unit === null ? {} : { unit: String(row.unit) }),
          ...(row.chars === null ? {} : { chars: Number(row.chars) }),
        },
      };

/** Our own rows, written below; they are not checked again. */
const recordOf = (row: Row): PeekRecord => ({
  id: String(row.id),
  vmId: String(row.vm_id),
  question: JSON.parse(String(row.question)) as PeekQuestion,
  by: String(row.asked_by),
  askedMs: Number(row.asked_ms),
  expiresAtMs: Number(row.expires_at_ms),
  ...(row.first_sent_ms === null ? {} : { firstSentMs: Number(row.first_sent_ms) }),
  ...endOf(row),
});

/**
 * The table `peek`. Synchronous: called inside a transaction, or for a reading.
 * @param kept how many are remembered
 */
export const createPeekTable = (database: DatabaseSync, kept: number) => {
  const insert = database.prepare(
    `INSERT INTO peek (id, vm_id, question, asked_by, asked_ms, expires_at_ms)
     VALUES (:id, :vmId, :question, :by, :askedMs, :expiresAtMs)`,
  );
  const forget = database.prepare(
    'DELETE FROM peek WHERE asked <= (SELECT max(asked) FROM peek) - ?',
  );
  const end = database.prepare(
    `UPDATE peek SET outcome = :outcome, detail = :detail, unit = :unit, chars = :chars, ended_ms = :endedMs
     WHERE id = :id AND vm_id = :vmId AND outcome IS NULL`,
  );
  const waiting = database.prepare(
    `SELECT * FROM peek WHERE vm_id = :vmId AND outcome IS NULL AND expires_at_ms > :nowMs
     ORDER BY asked LIMIT :limit`,
  );
  const markSent = database.prepare('UPDATE peek SET first_sent_ms = ? WHERE id = ?');
  const one = database.prepare('SELECT * FROM peek WHERE id = :id AND vm_id = :vmId');
  const ofVm = database.prepare('SELECT * FROM peek WHERE vm_id = ? ORDER BY asked DESC LIMIT ?');
  const ofAll = database.prepare('SELECT * FROM peek ORDER BY asked DESC LIMIT ?');

  const endOne = (vmId: string, id: string, { unit, chars, ...rest }: PeekEnd): boolean =>
    end.run({ id, vmId, unit: unit ?? null, chars: chars ?? null, ...rest }).changes > 0;

  return {
    add: ({ id, vmId, question, by, askedMs, expiresAtMs }: PeekRecord): void => {
      insert.run({ id, vmId, question: JSON.stringify(question), by, askedMs, expiresAtMs });
      forget.run(kept);
    },
    /** False where there is none that waits: the first word on each counts. */
    end: endOne,
    acknowledge: (vmId: string, words: readonly Acknowledgement[], nowMs: number): void => {
      for (const { id, outcome, detail } of words)
        endOne(vmId, id, { outcome, detail, endedMs: nowMs });
    },
    /** Those to send now; a first sending is noted. */
    takeWaiting: (vmId: string, nowMs: number): PeekRecord[] => {
      const peeks = waiting.all({ vmId, nowMs, limit: LIMITS.peeks }).map(recordOf);
      for (const { id, firstSentMs } of peeks)
        if (firstSentMs === undefined) markSent.run(nowMs, id);
      return peeks;
    },
    get: (vmId: string, id: string): PeekRecord | undefined => {
      const row = one.get({ id, vmId });
      return row === undefined ? undefined : recordOf(row);
    },
    list: (vmId: string | undefined, limit: number): PeekRecord[] =>
      (vmId === undefined ? ofAll.all(limit) : ofVm.all(vmId, limit)).map(recordOf),
  };
};
