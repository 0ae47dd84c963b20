import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { HookRecord } from '../deletions/hook-record.ts';
import type { HookOutcome } from '../fleet/deletion.ts';

type Row = Record<string, SQLOutputValue>;

const recordOf = (row: Row): HookRecord => ({
  vmId: String(row.vm_id),
  event: String(row.event) as HookRecord['event'],
  atMs: Number(row.at_ms),
  tookMs: Number(row.took_ms),
  ...(row.outcome === null ? {} : { outcome: String(row.outcome) as HookOutcome }),
  ...(row.exit_code === null ? {} : { exitCode: Number(row.exit_code) }),
  detail: String(row.detail),
});

/**
 * The table `hook_call`. Synchronous: called inside a transaction, or for a reading.
 * @param keptPerVm the first call is kept, and so many of the last
 */
export const createHookTable = (database: DatabaseSync, keptPerVm: number) => {
  const insert = database.prepare(
    `INSERT INTO hook_call (vm_id, event, at_ms, took_ms, outcome, exit_code, detail)
     VALUES (:vmId, :event, :atMs, :tookMs, :outcome, :exitCode, :detail)`,
  );
  const forget = database.prepare(
    `DELETE FROM hook_call WHERE vm_id = :vmId
       AND called > (SELECT min(called) FROM hook_call WHERE vm_id = :vmId)
       AND called NOT IN
         (SELECT called FROM hook_call WHERE vm_id = :vmId ORDER BY called DESC LIMIT :kept)`,
  );
  const list = database.prepare(
    'SELECT * FROM hook_call WHERE vm_id = ? ORDER BY called DESC LIMIT ?',
  );

  return {
    add: ({ outcome = null, exitCode = null, ...rest }: Nullable): void => {
      insert.run({ ...rest, outcome, exitCode });
      forget.run({ vmId: rest.vmId, kept: keptPerVm });
    },
    list: (vmId: string, limit: number): HookRecord[] => list.all(vmId, limit).map(recordOf),
  };
};

type Nullable = Omit<HookRecord, 'outcome' | 'exitCode'> & {
  outcome?: HookRecord['outcome'] | null;
  exitCode?: number | null;
};
