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
  `
  CREATE TABLE log_whole (
    vm_id TEXT NOT NULL,
    source TEXT NOT NULL,
    from_byte INTEGER NOT NULL,
    to_byte INTEGER NOT NULL,
    packed BLOB NOT NULL,
    FOREIGN KEY (vm_id, source) REFERENCES log_source ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX log_whole_place ON log_whole (vm_id, source, from_byte);
  CREATE INDEX log_source_by_age ON log_source (updated_ms);

  CREATE TABLE log_usage (
    vm_id TEXT PRIMARY KEY,
    whole_bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE log_total (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO log_total SELECT 1, coalesce(sum(length(bytes)), 0) FROM log_chunk;

  CREATE TRIGGER log_chunk_added AFTER INSERT ON log_chunk BEGIN
    UPDATE log_total SET bytes = bytes + length(new.bytes);
  END;
  CREATE TRIGGER log_chunk_changed AFTER UPDATE OF bytes ON log_chunk BEGIN
    UPDATE log_total SET bytes = bytes + length(new.bytes) - length(old.bytes);
  END;
  CREATE TRIGGER log_chunk_dropped AFTER DELETE ON log_chunk BEGIN
    UPDATE log_total SET bytes = bytes - length(old.bytes);
  END;
  CREATE TRIGGER log_whole_added AFTER INSERT ON log_whole BEGIN
    UPDATE log_total SET bytes = bytes + length(new.packed);
    INSERT INTO log_usage VALUES (new.vm_id, length(new.packed))
      ON CONFLICT DO UPDATE SET whole_bytes = whole_bytes + length(new.packed);
  END;
  CREATE TRIGGER log_whole_dropped AFTER DELETE ON log_whole BEGIN
    UPDATE log_total SET bytes = bytes - length(old.packed);
    UPDATE log_usage SET whole_bytes = whole_bytes - length(old.packed) WHERE vm_id = old.vm_id;
  END;
  `,
  `
  CREATE TABLE peek (
    asked INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    vm_id TEXT NOT NULL REFERENCES vm,
    question TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    first_sent_ms INTEGER,
    outcome TEXT,
    detail TEXT,
    unit TEXT,
    chars INTEGER,
    ended_ms INTEGER
  ) STRICT;
  CREATE INDEX peek_by_vm ON peek (vm_id, asked);
  CREATE INDEX peek_waiting ON peek (vm_id, asked) WHERE outcome IS NULL;
  `,
  `
  CREATE TABLE directive_order (
    given INTEGER PRIMARY KEY REFERENCES directive ON DELETE CASCADE,
    given_by TEXT NOT NULL,
    wish TEXT NOT NULL
  ) STRICT;
  INSERT INTO directive_order SELECT given, '', json_patch(
    json_object('kind', kind),
    json_object('mode', mode, 'deadlineMs', deadline_at_ms - created_ms)
  ) FROM directive;
  `,
  `
  CREATE TABLE vm_cloud (
    vm_id TEXT PRIMARY KEY REFERENCES vm,
    cloud_instance TEXT,
    deletion_state TEXT,
    deletion TEXT,
    guard TEXT,
    hook_due_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX vm_cloud_by_instance ON vm_cloud (cloud_instance)
    WHERE cloud_instance IS NOT NULL;
  CREATE INDEX vm_cloud_by_due ON vm_cloud (hook_due_ms) WHERE hook_due_ms IS NOT NULL;

  CREATE TABLE hook_call (
    called INTEGER PRIMARY KEY AUTOINCREMENT,
    vm_id TEXT NOT NULL REFERENCES vm,
    event TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    outcome TEXT,
    exit_code INTEGER,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX hook_call_by_vm ON hook_call (vm_id, called);
  `,
];
