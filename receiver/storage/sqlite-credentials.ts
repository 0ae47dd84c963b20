import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { CredentialHead, CredentialRecord, Sealed } from '../credentials/credential-record.ts';
import type { CredentialScope } from '../credentials/credential-scope.ts';

type Row = Record<string, SQLOutputValue>;

/** As it is compared: equal for equal scopes. */
const textOf = (scope: CredentialScope): string =>
  JSON.stringify(Object.fromEntries(Object.entries(scope).sort(([a], [b]) => (a < b ? -1 : 1))));

const headOf = (row: Row): CredentialHead => ({
  name: String(row.name),
  scope: JSON.parse(String(row.scope)) as CredentialScope,
  version: String(row.version),
  ...(row.ends_ms === null ? {} : { endsMs: Number(row.ends_ms) }),
  putMs: Number(row.put_ms),
  putBy: String(row.put_by),
  keyId: String(row.key_id),
});

const blob = (value: SQLOutputValue | undefined): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);

/** The table `credential`. Synchronous: called inside a transaction, or for a reading. */
export const createCredentialTable = (database: DatabaseSync) => {
  const put = database.prepare(
    `INSERT OR REPLACE INTO credential
       (name, scope, version, ends_ms, put_ms, put_by, key_id, nonce, sealed)
     VALUES (:name, :scope, :version, :endsMs, :putMs, :putBy, :keyId, :nonce, :bytes)`,
  );
  const remove = database.prepare('DELETE FROM credential WHERE name = ? AND scope = ?');
  const list = database.prepare(
    `SELECT name, scope, version, ends_ms, put_ms, put_by, key_id FROM credential
     ORDER BY name, scope`,
  );
  const sealed = database.prepare('SELECT key_id, nonce, sealed FROM credential WHERE version = ?');

  return {
    put: ({ sealed: { keyId, nonce, bytes }, ...head }: CredentialRecord): void => {
      const { name, version, endsMs = null, putMs, putBy } = head;
      const scope = textOf(head.scope);
      put.run({ name, scope, version, endsMs, putMs, putBy, keyId, nonce, bytes });
    },
    remove: (name: string, scope: CredentialScope): void => {
      remove.run(name, textOf(scope));
    },
    list: (): CredentialHead[] => list.all().map(headOf),
    sealed: (version: string): Sealed | undefined => {
      const row = sealed.get(version);
      if (row === undefined) return undefined;
      return { keyId: String(row.key_id), nonce: blob(row.nonce), bytes: blob(row.sealed) };
    },
  };
};
