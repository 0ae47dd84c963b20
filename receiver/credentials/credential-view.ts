import type { CredentialHead } from './credential-record.ts';
import type { CredentialScope } from './credential-scope.ts';

/** A credential as operators read it: never its content. Times are ISO 8601. */
export interface CredentialView {
  name: string;
  scope: CredentialScope;
  version: string;
  /** Null where its kind does not say. */
  endsAt: string | null;
  putAt: string;
  putBy: string;
  /** `no-key`: this receiver has not the key that opens it. Only a usable one is given to VMs. */
  state: 'usable' | 'ended' | 'no-key';
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

export const credentialState = (
  { endsMs, keyId }: CredentialHead,
  ourKeyId: string | undefined,
  nowMs: number,
): CredentialView['state'] => {
  if (keyId !== ourKeyId) return 'no-key';
  return endsMs !== undefined && endsMs <= nowMs ? 'ended' : 'usable';
};

export const credentialView = (
  head: CredentialHead,
  ourKeyId: string | undefined,
  nowMs: number,
): CredentialView => ({
  name: head.name,
  scope: head.scope,
  version: head.version,
  endsAt: head.endsMs === undefined ? null : isoTime(head.endsMs),
  putAt: isoTime(head.putMs),
  putBy: head.putBy,
  state: credentialState(head, ourKeyId, nowMs),
});
