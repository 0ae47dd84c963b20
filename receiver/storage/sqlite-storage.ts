import { messageOf, PilotageError } from '../../platform/errors.ts';
import { createGroupCommit } from './group-commit.ts';
import { openDatabase } from './open-database.ts';
import { createCredentialTable } from './sqlite-credentials.ts';
import { createDirectiveTable } from './sqlite-directives.ts';
import { createHookTable } from './sqlite-hooks.ts';
import { LOG_QUOTA, type LogQuota } from './sqlite-log-quota.ts';
import { createLogTables } from './sqlite-logs.ts';
import { createPeekTable } from './sqlite-peeks.ts';
import { createVmTables } from './sqlite-vms.ts';
import { KEPT_HOOK_CALLS, KEPT_PEEKS, type Storage, type Waiting } from './storage.ts';

const failed = (error: unknown): PilotageError =>
  new PilotageError('storage-failed', `the database failed: ${messageOf(error)}`, {}, error);

/**
 * One file, kept by Node's own SQLite: write-ahead log, synced at every commit, one commit for all
 * writes of a turn. The file, and its `-wal` and `-shm` beside it, belong to one receiver.
 * Fails with `state-invalid` or `storage-failed`.
 */
export const createSqliteStorage = (file: string, quota: LogQuota = LOG_QUOTA): Storage => {
  const database = openDatabase(file);
  const vms = createVmTables(database);
  const directives = createDirectiveTable(database);
  const logs = createLogTables(database, quota);
  const credentials = createCredentialTable(database);
  const peeks = createPeekTable(database, KEPT_PEEKS);
  const hooks = createHookTable(database, KEPT_HOOK_CALLS);
  const probe = database.prepare(
    'INSERT INTO probe VALUES (1, :nowMs) ON CONFLICT DO UPDATE SET written_ms = :nowMs',
  );
  const commit = createGroupCommit({
    begin: () => database.exec('BEGIN IMMEDIATE'),
    commit: () => database.exec('COMMIT'),
    // After some failures (disk full, I/O error) SQLite has rolled back by itself.
    rollback: () => {
      if (database.isTransaction) database.exec('ROLLBACK');
    },
  });

  const write = async <T>(work: () => T): Promise<T> => {
    try {
      return await commit.run(work);
    } catch (error) {
      throw failed(error);
    }
  };
  const read = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw failed(error);
    }
  };

  const takeWaiting = (vmId: string, nowMs: number): Waiting => ({
    directives: directives.takeWaiting(vmId, nowMs),
    peeks: peeks.takeWaiting(vmId, nowMs),
  });

  return {
    enrol: enrolment => write(() => vms.enrol(enrolment)),
    vmIdOfToken: tokenHash => read(() => vms.vmIdOfToken(tokenHash)),
    recordHeartbeat: (arrival, transition) =>
      write(() => {
        const { vmId, heartbeat, receivedMs } = arrival;
        const before = vms.vm(vmId);
        if (before === undefined) return undefined;
        const repeated = !vms.addHeartbeat(arrival);
        const after = repeated ? before : transition(before, arrival);
        if (!repeated) {
          vms.update(after, before);
          directives.acknowledge(vmId, heartbeat.acknowledged, receivedMs);
          peeks.acknowledge(vmId, heartbeat.acknowledged, receivedMs);
          const { bootId, logs: pieces } = heartbeat;
          logs.add({ vmId, bootId, pieces, receivedMs });
        }
        return { repeated, before, after, ...takeWaiting(vmId, receivedMs) };
      }),
    recordLogs: arrival =>
      write(() => {
        if (!vms.isKnown(arrival.vmId)) return undefined;
        logs.add(arrival);
        return takeWaiting(arrival.vmId, arrival.receivedMs);
      }),
    recordWholeLog: arrival =>
      write(() => (vms.isKnown(arrival.vmId) ? logs.addWhole(arrival) : undefined)),
    vm: vmId => read(() => vms.vm(vmId)),
    listVms: (filter, after, limit) => read(() => vms.list(filter, after, limit)),
    findVms: (prefix, limit) => read(() => vms.find(prefix, limit)),
    countVms: filter => read(() => vms.count(filter)),
    changeVm: (vmId, change, record) =>
      write(() => {
        const before = vms.vm(vmId);
        if (before === undefined) return undefined;
        const after = change(before);
        vms.update(after, before);
        if (record !== undefined) hooks.add(record);
        return after;
      }),
    dueHooks: limit => read(() => vms.dueHooks(limit)),
    claimants: (cloud, instanceId) => read(() => vms.claimants(cloud, instanceId)),
    listHookCalls: (vmId, limit) => read(() => hooks.list(vmId, limit)),
    history: (vmId, limit) => read(() => vms.history(vmId, limit)),
    addDirective: directive => write(() => directives.add(directive)),
    listDirectives: (vmId, limit) => read(() => directives.list(vmId, limit)),
    addPeek: peek => write(() => peeks.add(peek)),
    endPeek: (vmId, id, end) => write(() => peeks.end(vmId, id, end)),
    peek: (vmId, id) => read(() => peeks.get(vmId, id)),
    listPeeks: (vmId, limit) => read(() => peeks.list(vmId, limit)),
    logSources: vmId => read(() => logs.sources(vmId)),
    readLog: (vmId, source, fromByte) => read(() => logs.read(vmId, source, fromByte)),
    putCredential: credential => write(() => credentials.put(credential)),
    removeCredential: (name, scope) => write(() => credentials.remove(name, scope)),
    listCredentials: () => read(() => credentials.list()),
    sealedCredential: version => read(() => credentials.sealed(version)),
    checkWritable: nowMs => write(() => void probe.run({ nowMs })),
    close: async () => {
      commit.flush();
      database.close();
    },
  };
};
