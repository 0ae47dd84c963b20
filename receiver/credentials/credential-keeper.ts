import { v7 as uuidV7 } from 'uuid';
import { credentialEndMs } from '../../platform/credential-end.ts';
import type { CredentialOffer, CredentialResponse } from '../../protocol/credential.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Storage } from '../storage/storage.ts';
import { createCredentialIndex } from './credential-index.ts';
import type { CredentialHead } from './credential-record.ts';
import { type CredentialScope, narrowness, type Subject, scopeKey } from './credential-scope.ts';
import { type CredentialView, credentialState, credentialView } from './credential-view.ts';
import type { Sealer } from './seal.ts';

/** Credentials that one receiver holds, over all names and scopes. */
export const MAX_CREDENTIALS = 10_000;

export interface NewCredential {
  name: string;
  scope: CredentialScope;
  content: string;
  putBy: string;
}

export type PutOutcome =
  | { kind: 'put'; replaced: boolean; view: CredentialView }
  /** There is no key to seal it with. */
  | { kind: 'no-key' }
  | { kind: 'ended'; endsMs: number }
  /** More names, or credentials, than are held. */
  | { kind: 'full'; most: number; what: 'names' | 'credentials' };

export interface CredentialKeeper {
  /** Those meant for a VM that it can use. Costs no reading from disk. */
  offers(subject: Subject, nowMs: number): CredentialOffer[];
  /** `undefined`: none of this name is offered to this VM. Fails with `state-invalid`, `storage-failed`. */
  reveal(subject: Subject, name: string, nowMs: number): Promise<CredentialResponse | undefined>;
  /** Sorted by name, the widest scope first. */
  list(nowMs: number): CredentialView[];
  /** Replaces the one of the same name and scope. Resolves once it is durable. */
  put(credential: NewCredential, nowMs: number): Promise<PutOutcome>;
  /** False if there was none of this name and scope. */
  remove(name: string, scope: CredentialScope): Promise<boolean>;
}

const isSame = (head: CredentialHead, name: string, scope: CredentialScope): boolean =>
  head.name === name && scopeKey(head.scope) === scopeKey(scope);

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const inOrder = (a: CredentialHead, b: CredentialHead): number =>
  byText(a.name, b.name) ||
  narrowness(a.scope) - narrowness(b.scope) ||
  byText(scopeKey(a.scope), scopeKey(b.scope));

/**
 * Keeps what operators put, sealed, and knows what is meant for whom. The narrowest scope wins even
 * where it has ended or cannot be opened: a VM is never given another's in its place.
 * @param sealer without one nothing can be put or revealed
 */
export const loadCredentialKeeper = async (
  storage: Storage,
  sealer: Sealer | undefined,
): Promise<CredentialKeeper> => {
  let heads = await storage.listCredentials();
  let index = createCredentialIndex(heads);
  let changes: Promise<unknown> = Promise.resolve();

  /** One change after the other, so that each is judged by what the one before left. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = changes.then(change);
    // Only the order counts here; who asked for the change hears of its failure.
    changes = result.catch(() => undefined);
    return result;
  };
  const remember = (others: readonly CredentialHead[], added: readonly CredentialHead[]): void => {
    heads = [...others, ...added];
    index = createCredentialIndex(heads);
  };
  const isUsable = (head: CredentialHead, nowMs: number): boolean =>
    credentialState(head, sealer?.keyId, nowMs) === 'usable';

  return {
    offers: (subject, nowMs) =>
      index
        .all(subject)
        .filter(head => isUsable(head, nowMs))
        .map(({ name, version }) => ({ name, version })),
    reveal: async (subject, name, nowMs) => {
      const head = index.one(subject, name);
      if (sealer === undefined || head === undefined || !isUsable(head, nowMs)) return undefined;
      const sealed = await storage.sealedCredential(head.version);
      if (sealed === undefined) return undefined;
      return { name, version: head.version, content: sealer.open(sealed, head) };
    },
    list: nowMs => heads.toSorted(inOrder).map(head => credentialView(head, sealer?.keyId, nowMs)),
    put: ({ name, scope, content, putBy }, nowMs) =>
      inTurn(async (): Promise<PutOutcome> => {
        if (sealer === undefined) return { kind: 'no-key' };
        const end = credentialEndMs(content);
        if (end !== undefined && end <= nowMs) return { kind: 'ended', endsMs: end };
        const others = heads.filter(head => !isSame(head, name, scope));
        if (others.length >= MAX_CREDENTIALS)
          return { kind: 'full', most: MAX_CREDENTIALS, what: 'credentials' };
        const names = new Set(others.map(head => head.name)).add(name);
        if (names.size > LIMITS.credentials)
          return { kind: 'full', most: LIMITS.credentials, what: 'names' };
        const version = uuidV7({ msecs: nowMs });
        const head: CredentialHead = {
          ...{ name, scope, version, putMs: nowMs, putBy, keyId: sealer.keyId },
          ...(end === undefined ? {} : { endsMs: Math.floor(end) }),
        };
        await storage.putCredential({ ...head, sealed: sealer.seal(content, head) });
        const replaced = others.length < heads.length;
        remember(others, [head]);
        return { kind: 'put', replaced, view: credentialView(head, sealer.keyId, nowMs) };
      }),
    remove: (name, scope) =>
      inTurn(async () => {
        const others = heads.filter(head => !isSame(head, name, scope));
        if (others.length === heads.length) return false;
        await storage.removeCredential(name, scope);
        remember(others, []);
        return true;
      }),
  };
};
