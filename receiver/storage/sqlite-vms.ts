import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { VmFilter } from '../fleet/fleet-state.ts';
import type { Arrival, HistoryEntry, VmRecord } from '../fleet/vm-record.ts';
import type { EnrolOutcome, NewEnrolment } from './storage.ts';

type Row = Record<string, SQLOutputValue>;

const json = (value: SQLOutputValue | undefined): unknown => JSON.parse(String(value));

/** Our own rows, written below; they are not checked again. */
const recordOf = (row: Row): VmRecord => ({
  vmId: String(row.vm_id),
  identity: json(row.identity) as VmRecord['identity'],
  agentVersion: String(row.agent_version),
  enrolledMs: Number(row.enrolled_ms),
  lastHeardMs: Number(row.last_heard_ms),
  stateSinceMs: Number(row.state_since_ms),
  ...(row.latest === null ? {} : { latest: json(row.latest) as NonNullable<VmRecord['latest']> }),
  ...(row.deletion === null
    ? {}
    : { deletion: json(row.deletion) as NonNullable<VmRecord['deletion']> }),
  ...(row.guard === null ? {} : { guard: json(row.guard) as NonNullable<VmRecord['guard']> }),
});

type Entry = Omit<HistoryEntry, 'receivedMs' | 'sequence' | 'bootId' | 'state'>;

const entryOf = ({ heartbeat }: Arrival): Entry => ({
  reason: heartbeat.reason,
  uptimeMs: heartbeat.uptimeMs,
  load: heartbeat.load,
  cpuCores: heartbeat.cpuCores,
  payloads: heartbeat.payloads,
  pilotsRunning: heartbeat.pilots.filter(({ state }) => state === 'running').length,
});

const historyOf = (row: Row): HistoryEntry => ({
  receivedMs: Number(row.received_ms),
  bootId: String(row.boot_id),
  sequence: Number(row.sequence),
  state: String(row.state) as HistoryEntry['state'],
  ...(json(row.entry) as Entry),
});

/** Ids are unique within a cloud alone. */
const instanceKey = (cloud: string, instanceId: string): string => `${cloud} ${instanceId}`;

/** What is kept beside the record, and seldom changes. */
const cloudColumns = ({ latest, deletion, guard }: VmRecord) => ({
  cloudInstance:
    latest?.cloud?.instanceId === undefined
      ? null
      : instanceKey(latest.cloud.name, latest.cloud.instanceId),
  deletionState: deletion?.state ?? null,
  deletion: deletion === undefined ? null : JSON.stringify(deletion),
  guard: guard === undefined ? null : JSON.stringify(guard),
  hookDueMs: deletion?.dueMs ?? guard?.dueMs ?? null,
});

/** As parameters of a statement; what is not given holds for all. */
const choiceOf = (filter: VmFilter) => ({
  anyReported: filter.reported === undefined ? 1 : 0,
  reported: filter.reported ?? null,
  notReported: filter.notReported ?? null,
  heardAfter: filter.heardAfterMs ?? Number.MIN_SAFE_INTEGER,
  heardUntil: filter.heardUntilMs ?? Number.MAX_SAFE_INTEGER,
  anyDeletion: filter.deletion === undefined ? 1 : 0,
  deletion: filter.deletion ?? null,
  anyCloud: filter.hasCloud === true ? 0 : 1,
});
const VMS = 'vm LEFT JOIN vm_cloud USING (vm_id)';
const CHOICE = `(:anyReported OR reported_state IS :reported)
       AND (:notReported IS NULL OR reported_state IS NOT :notReported)
       AND last_heard_ms > :heardAfter AND last_heard_ms <= :heardUntil
       AND (:anyDeletion OR deletion_state IS :deletion)
       AND (:anyCloud OR cloud_instance IS NOT NULL)`;

/** Above every text that begins with the prefix: no text sorts behind the last code point. */
const endOf = (prefix: string): string => `${prefix}\u{10FFFF}`;

/** The tables `vm` and `heartbeat`. Synchronous: called inside a transaction, or for a reading. */
export const createVmTables = (database: DatabaseSync) => {
  const byNonce = database.prepare('SELECT vm_id, instance_id, latest FROM vm WHERE nonce = ?');
  const insert = database.prepare(
    `INSERT INTO vm (vm_id, nonce, token_hash, instance_id, hostname, identity, agent_version,
       enrolled_ms, last_heard_ms, state_since_ms)
     VALUES (:vmId, :nonce, :tokenHash, :instanceId, :hostname, :identity, :agentVersion,
       :enrolledMs, :enrolledMs, :enrolledMs)`,
  );
  const renew = database.prepare(
    `UPDATE vm SET token_hash = :tokenHash, hostname = :hostname, identity = :identity,
       agent_version = :agentVersion, last_heard_ms = :enrolledMs WHERE vm_id = :vmId`,
  );
  const byToken = database.prepare('SELECT vm_id FROM vm WHERE token_hash = ?');
  const byId = database.prepare(`SELECT * FROM ${VMS} WHERE vm_id = ?`);
  const known = database.prepare('SELECT 1 FROM vm WHERE vm_id = ?');
  const update = database.prepare(
    `UPDATE vm SET last_heard_ms = :lastHeardMs, state_since_ms = :stateSinceMs,
       reported_state = :state, latest = :latest WHERE vm_id = :vmId`,
  );
  const updateCloud = database.prepare(
    `INSERT OR REPLACE INTO vm_cloud
       (vm_id, cloud_instance, deletion_state, deletion, guard, hook_due_ms)
     VALUES (:vmId, :cloudInstance, :deletionState, :deletion, :guard, :hookDueMs)`,
  );
  const insertHeartbeat = database.prepare(
    `INSERT INTO heartbeat (vm_id, sequence, boot_id, received_ms, state, entry)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const list = database.prepare(
    `SELECT * FROM ${VMS} WHERE vm_id > :after AND ${CHOICE} ORDER BY vm_id LIMIT :limit`,
  );
  const count = database.prepare(`SELECT count(*) AS count FROM ${VMS} WHERE ${CHOICE}`);
  const due = database.prepare(
    `SELECT * FROM vm_cloud JOIN vm USING (vm_id)
     WHERE hook_due_ms IS NOT NULL ORDER BY hook_due_ms LIMIT ?`,
  );
  const claimants = database.prepare(
    'SELECT * FROM vm_cloud JOIN vm USING (vm_id) WHERE cloud_instance = ? LIMIT 100',
  );
  const find = database.prepare(
    `SELECT * FROM ${VMS} WHERE (vm_id >= :from AND vm_id < :until)
       OR (instance_id >= :from AND instance_id < :until)
       OR (hostname >= :from AND hostname < :until)
     ORDER BY (vm_id = :from OR instance_id = :from OR hostname = :from) DESC, vm_id LIMIT :limit`,
  );
  const history = database.prepare(
    'SELECT * FROM heartbeat WHERE vm_id = ? ORDER BY sequence DESC, received_ms DESC LIMIT ?',
  );

  return {
    enrol: (enrolment: NewEnrolment): EnrolOutcome => {
      const { vmId, nonce, tokenHash, identity, agentVersion, enrolledMs } = enrolment;
      const { instanceId, hostname } = identity;
      const asked = byNonce.get(nonce);
      const said = { tokenHash, hostname, identity: JSON.stringify(identity), agentVersion };
      if (asked === undefined) {
        insert.run({ ...said, vmId, nonce, instanceId, enrolledMs });
        return { kind: 'enrolled', vmId };
      }
      if (asked.latest !== null || asked.instance_id !== instanceId) return { kind: 'nonce-used' };
      renew.run({ ...said, vmId: String(asked.vm_id), enrolledMs });
      return { kind: 'enrolled', vmId: String(asked.vm_id) };
    },
    vmIdOfToken: (tokenHash: Uint8Array): string | undefined => {
      const row = byToken.get(tokenHash);
      return row === undefined ? undefined : String(row.vm_id);
    },
    vm: (vmId: string): VmRecord | undefined => {
      const row = byId.get(vmId);
      return row === undefined ? undefined : recordOf(row);
    },
    isKnown: (vmId: string): boolean => known.get(vmId) !== undefined,
    update: (vm: VmRecord, before: VmRecord): void => {
      const latest = vm.latest === undefined ? null : JSON.stringify(vm.latest);
      const { vmId, lastHeardMs, stateSinceMs } = vm;
      update.run({ vmId, lastHeardMs, stateSinceMs, state: vm.latest?.state ?? null, latest });
      const columns = cloudColumns(vm);
      const former: Record<string, unknown> = cloudColumns(before);
      if (Object.entries(columns).some(([name, value]) => value !== former[name]))
        updateCloud.run({ vmId, ...columns });
    },
    /** False if it was there already. */
    addHeartbeat: (arrival: Arrival): boolean => {
      const { sequence, bootId, state } = arrival.heartbeat;
      const entry = JSON.stringify(entryOf(arrival));
      const { vmId, receivedMs } = arrival;
      return insertHeartbeat.run(vmId, sequence, bootId, receivedMs, state, entry).changes === 1;
    },
    list: (filter: VmFilter, after: string, limit: number): VmRecord[] =>
      list.all({ after, limit, ...choiceOf(filter) }).map(recordOf),
    count: (filter: VmFilter): number => Number(count.get(choiceOf(filter))?.count ?? 0),
    dueHooks: (limit: number): VmRecord[] => due.all(limit).map(recordOf),
    claimants: (cloud: string, instanceId: string): VmRecord[] =>
      claimants.all(instanceKey(cloud, instanceId)).map(recordOf),
    find: (prefix: string, limit: number): VmRecord[] =>
      find.all({ from: prefix, until: endOf(prefix), limit }).map(recordOf),
    history: (vmId: string, limit: number): HistoryEntry[] =>
      history.all(vmId, limit).map(historyOf),
  };
};
