import type { DatabaseSync } from 'node:sqlite';

/** What logs may take in the database, bytes. */
export interface LogQuota {
  /** Whole logs of one VM. */
  wholePerVm: number;
  /** All logs of all VMs. */
  total: number;
}

const GIB = 1024 ** 3;
export const LOG_QUOTA: LogQuota = { wholePerVm: GIB / 16, total: 10 * GIB };

/** Rows that one transaction forgets at the most: the next one goes on, and nobody waits for long. */
const MOST_AT_ONCE = 64;

/** Forgets what was heard longest ago. Called inside a transaction. */
export const createLogQuota = (database: DatabaseSync, { wholePerVm, total }: LogQuota) => {
  const wholeOf = database.prepare('SELECT whole_bytes FROM log_usage WHERE vm_id = ?');
  const all = database.prepare('SELECT bytes FROM log_total WHERE id = 1');
  const oldestWhole = database.prepare(
    `SELECT log_whole.rowid AS row FROM log_whole JOIN log_source USING (vm_id, source)
     WHERE vm_id = ? ORDER BY updated_ms, from_byte LIMIT 1`,
  );
  const oldestSource = database.prepare(
    'SELECT vm_id, source FROM log_source ORDER BY updated_ms LIMIT 1',
  );
  const dropWhole = database.prepare('DELETE FROM log_whole WHERE rowid = ?');
  const dropSource = database.prepare('DELETE FROM log_source WHERE vm_id = ? AND source = ?');

  return {
    enforce: (vmId: string): void => {
      for (let n = 0; n < MOST_AT_ONCE; n += 1) {
        if (Number(wholeOf.get(vmId)?.whole_bytes ?? 0) <= wholePerVm) break;
        const row = oldestWhole.get(vmId)?.row;
        if (row === undefined || row === null) break;
        dropWhole.run(row);
      }
      for (let n = 0; n < MOST_AT_ONCE && Number(all.get()?.bytes ?? 0) > total; n += 1) {
        const oldest = oldestSource.get();
        if (oldest === undefined) break;
        dropSource.run(String(oldest.vm_id), String(oldest.source));
      }
    },
  };
};
