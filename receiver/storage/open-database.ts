import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** How long a lock of another process is waited for; everything stands still meanwhile. */
const BUSY_MS = 2000;

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version);

/** Brings the schema up to date, each step in a transaction of its own. */
export const migrate = (
  database: DatabaseSync,
  file: string,
  migrations: readonly string[] = MIGRATIONS,
): void => {
  const version = versionOf(database);
  if (version > migrations.length)
    throw new PilotageError(
      'state-invalid',
      `the database ${file} has version ${version}, this program knows only up to ${migrations.length}: ` +
        'run the program that wrote it, or a newer one',
      { file, version, known: migrations.length },
    );
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(step);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
};

/**
 * Opens, or makes, a database that syncs every commit to disk. Its files are readable by their owner
 * only, also where they were not so before. Fails with `state-invalid` (newer than this program) or
 * `storage-failed`.
 */
export const openDatabase = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    closeSync(openSync(file, 'a', 0o600));
    for (const each of [file, `${file}-wal`, `${file}-shm`])
      if (existsSync(each)) chmodSync(each, 0o600);
    database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('PRAGMA trusted_schema = OFF');
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    if (isPilotageError(error)) throw error;
    const message = `cannot open the database ${file}: ${messageOf(error)}`;
    throw new PilotageError('storage-failed', message, { file }, error);
  }
};
