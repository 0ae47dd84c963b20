import * as v from 'valibot';
import type { Identity } from '../../protocol/enrol.ts';
import { Name } from '../../protocol/words.ts';

/** From the widest to the narrowest. */
const PARTS = ['vo', 'site', 'endpoint', 'runningPod', 'vm'] as const;
type Part = (typeof PARTS)[number];

/**
 * Which VMs a credential is meant for: those for which all that is given holds; all VMs where nothing
 * is. `vm` is the id of a single VM, the rest is as the VM said at its enrolment.
 */
export const CredentialScope = v.strictObject({
  vo: v.optional(Name),
  site: v.optional(Name),
  endpoint: v.optional(Name),
  runningPod: v.optional(Name),
  vm: v.optional(Name),
});
export type CredentialScope = v.InferOutput<typeof CredentialScope>;

/** Whom a scope is held against. */
export interface Subject {
  vmId: string;
  identity: Identity;
}

export const partsOf = (scope: CredentialScope): Part[] =>
  PARTS.filter(part => scope[part] !== undefined);

/** Equal for equal scopes, whatever the order of their parts. */
export const scopeKey = (scope: CredentialScope): string =>
  JSON.stringify(Object.fromEntries(partsOf(scope).map(part => [part, scope[part]])));

/**
 * How narrow it is: the narrowest part counts first (a single VM, then a running pod, an endpoint, a
 * site, a VO), and with it more than without. Scopes that hold for one VM and are as narrow are equal.
 */
export const narrowness = (scope: CredentialScope): number =>
  partsOf(scope).reduce((sum, part) => sum + 2 ** PARTS.indexOf(part), 0);

/** The one scope of these parts that holds for a VM; `undefined` where it did not say one of them. */
export const scopeOf = (
  { vmId, identity }: Subject,
  parts: readonly Part[],
): CredentialScope | undefined => {
  const values = parts.map(part => [part, part === 'vm' ? vmId : identity[part]] as const);
  return values.every(([, value]) => value !== undefined) ? Object.fromEntries(values) : undefined;
};

/** `vo=atlas site=CERN`, for people. */
export const scopeText = (scope: CredentialScope): string =>
  partsOf(scope)
    .map(part => `${part}=${scope[part]}`)
    .join(' ') || 'all VMs';
