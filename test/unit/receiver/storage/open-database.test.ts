import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../../receiver/storage/migrations.ts';
import { migrate, openDatabase } from '../../../../receiver/storage/open-database.ts';
import { createDirectiveTable } from '../../../../receiver/storage/sqlite-directives.ts';
import { createTestFolder } from '../../../support/receiver-under-test.ts';

const versionOf = (database: DatabaseSync) =>
  database.prepare('PRAGMA user_version').get()?.user_version;

describe('openDatabase', () => {
  it('syncs every commit, and is for its owner only', () => {
    const file = join(createTestFolder(), 'fleet.db');
    const database = openDatabase(file);
    expect(database.prepare('PRAGMA synchronous').get()?.synchronous).toBe(2);
    expect(database.prepare('PRAGMA journal_mode').get()?.journal_mode).toBe('wal');
    expect(versionOf(database)).toBe(MIGRATIONS.length);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    database.close();
  });

  it('takes from others what they could read before', () => {
    const file = join(createTestFolder(), 'fleet.db');
    const first = openDatabase(file);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) chmodSync(name, 0o644);
    const second = openDatabase(file);
    for (const name of [file, `${file}-wal`, `${file}-shm`])
      expect(statSync(name).mode & 0o777).toBe(0o600);
    second.close();
    first.close();
  });

  it('opens what it made', () => {
    const file = join(createTestFolder(), 'fleet.db');
    openDatabase(file).close();
    openDatabase(file).close();
  });

  it('refuses a database of a newer program', () => {
    const file = join(createTestFolder(), 'fleet.db');
    const database = openDatabase(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expect(() => openDatabase(file)).toThrow(/has version 999, this program knows only up to/);
  });

  it('says which file it cannot open', () => {
    const folder = createTestFolder();
    const file = join(folder, 'fleet.db');
    writeFileSync(file, 'this is no database, however long it is\n'.repeat(50));
    expect(() => openDatabase(file)).toThrow(`cannot open the database ${file}`);
    expect(() => openDatabase(join(folder, 'no', 'such'))).toThrow('ENOENT');
  });
});

describe('the migrations', () => {
  it('only add: what the first version wrote is as it was after the last', () => {
    const file = join(createTestFolder(), 'fleet.db');
    const old = new DatabaseSync(file);
    migrate(old, file, MIGRATIONS.slice(0, 1));
    const tables = (database: DatabaseSync) =>
      database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all();
    const before = tables(old);
    old.exec('INSERT INTO probe VALUES (1, 42)');
    old.close();
    const database = openDatabase(file);
    expect(versionOf(database)).toBe(MIGRATIONS.length);
    expect(tables(database)).toEqual(expect.arrayContaining(before));
    expect(database.prepare('SELECT written_ms FROM probe').get()).toEqual({ written_ms: 42 });
    database.close();
  });

  it('make of directives that were given before what they were', () => {
    const file = join(createTestFolder(), 'fleet.db');
    const old = new DatabaseSync(file);
    migrate(old, file, MIGRATIONS.slice(0, 4));
    old.exec(`
      INSERT INTO vm VALUES ('vm-1', 'n', x'01', 'i', 'h', '{}', '1', 1, 1, 1, NULL, NULL);
      INSERT INTO directive (id, vm_id, kind, reason, mode, deadline_at_ms, created_ms, expires_at_ms)
      VALUES ('a', 'vm-1', 'drain', 'x', NULL, 5000, 1000, 9000),
             ('b', 'vm-1', 'halt', 'y', 'now', NULL, 1000, 9000);
    `);
    old.close();
    const database = openDatabase(file);
    const { list } = createDirectiveTable(database);
    expect(list('vm-1', 10)).toMatchObject([
      { id: 'b', wish: { kind: 'halt', mode: 'now' }, by: '' },
      { id: 'a', wish: { kind: 'drain', deadlineMs: 4000 }, reason: 'x' },
    ]);
    expect(list(undefined, 10)).toEqual(list('vm-1', 10));
    database.close();
  });
});

describe('migrate', () => {
  it('does each step once, and a failing one not at all', () => {
    const database = new DatabaseSync(':memory:');
    const first = 'CREATE TABLE a (x)';
    migrate(database, 'memory', [first]);
    const broken = 'CREATE TABLE b (x); INSERT INTO missing VALUES (1)';
    expect(() => migrate(database, 'memory', [first, broken])).toThrow('missing');
    expect(versionOf(database)).toBe(1);
    migrate(database, 'memory', [first, 'CREATE TABLE b (x)']);
    expect(versionOf(database)).toBe(2);
  });
});
