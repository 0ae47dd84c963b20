import * as v from 'valibot';
import { CredentialContent } from '../../protocol/credential.ts';
import { Text } from '../../protocol/words.ts';
import { CredentialScope } from './credential-scope.ts';

/** An empty list is no scope, though it holds no unknown key: it would mean all VMs. */
const ScopeObject = v.pipe(
  v.unknown(),
  v.check(scope => !Array.isArray(scope), 'must be an object'),
  CredentialScope,
);

/** What an operator asks to be kept. `scope.vm` is any name of a VM, or the beginning of one. */
export const CredentialOrder = v.strictObject({
  content: CredentialContent,
  scope: v.optional(ScopeObject, {}),
  /** Who the operator says to be. */
  by: v.optional(Text, ''),
});
export type CredentialOrder = v.InferOutput<typeof CredentialOrder>;
