import type { CredentialScope } from './credential-scope.ts';

/** A content as it is kept: AES-256-GCM, with its tag behind it, under the key of this id. */
export interface Sealed {
  keyId: string;
  nonce: Uint8Array;
  bytes: Uint8Array;
}

/** All of a credential but its content. Times are the receiver's own, ms since 1970. */
export interface CredentialHead {
  name: string;
  scope: CredentialScope;
  /** UUIDv7; another for every content that is put. */
  version: string;
  /** When it ends, where its kind tells. */
  endsMs?: number;
  putMs: number;
  /** Who put it, as far as is known: for people, proven by nothing but the operator's token. */
  putBy: string;
  /** Which key opens it. */
  keyId: string;
}

export interface CredentialRecord extends CredentialHead {
  sealed: Sealed;
}
