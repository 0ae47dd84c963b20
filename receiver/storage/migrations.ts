/**
 * The schema, as steps that are never edited once released: step n brings a database from
 * `user_version` n - 1 to n. Times are ms since 1970; JSON columns hold what is only read whole.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE vm (
    vm_id TEXT PRIMARY KEY,
    nonce TEXT NOT NULL UNIQUE,
    token_hash BLOB NOT NULL UNIQUE,
    instance_id TEXT NOT NULL,
    hostname TEXT NOT NULL,
    identity TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    last_heard_ms INTEGER NOT NULL,
    state_since_ms INTEGER NOT NULL,
    reported_state TEXT,
    latest TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX vm_by_instance ON vm (instance_id);
  CREATE INDEX vm_by_hostname ON vm (hostname);

  CREATE TABLE heartbeat (
    vm_id TEXT NOT NULL REFERENCES vm,
    sequence INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (vm_id, sequence, boot_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE directive (
    given INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    vm_id TEXT NOT NULL REFERENCES vm,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    mode TEXT,
    deadline_at_ms INTEGER,
    created_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    first_sent_ms INTEGER,
    outcome TEXT,
    detail TEXT,
    acknowledged_ms INTEGER
  ) STRICT;
  CREATE INDEX directive_by_vm ON directive (vm_id, given);
  CREATE INDEX directive_waiting ON directive (vm_id, given) WHERE outcome IS NULL;

  CREATE TABLE log_source (
    vm_id TEXT NOT NULL REFERENCES vm,
    source TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (vm_id, source)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE log_chunk (
    vm_id TEXT NOT NULL,
    source TEXT NOT NULL,
    from_byte INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    FOREIGN KEY (vm_id, source) REFERENCES log_source ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX log_chunk_place ON log_chunk (vm_id, source, from_byte);

  CREATE TABLE probe (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    written_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE credential (
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    version TEXT NOT NULL UNIQUE,
    ends_ms INTEGER,
    put_ms INTEGER NOT NULL,
    put_by TEXT NOT NULL,
    key_id TEXT NOT NULL,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (name, scope)
  ) STRICT, WITHOUT ROWID;
  `,
];
