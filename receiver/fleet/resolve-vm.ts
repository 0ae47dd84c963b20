import type { VmRecord } from './vm-record.ts';

/** Candidates that are worth listing to a person; storage is asked for one more. */
export const MAX_CANDIDATES = 10;

export type Resolved =
  | { kind: 'found'; vm: VmRecord }
  | { kind: 'none' }
  | { kind: 'ambiguous'; candidates: VmRecord[] };

/** The names by which a person may call a VM. */
export const namesOf = (vm: VmRecord): string[] => [
  vm.vmId,
  vm.identity.instanceId,
  vm.identity.hostname,
];

/**
 * Which VM a person means by a name or the beginning of one. A whole name wins over the beginnings
 * of others; two VMs of one name (a host that enrolled again) are for the person to tell apart.
 * @param candidates VMs of which a name begins so, those with the whole name first
 */
export const resolveVm = (key: string, candidates: readonly VmRecord[]): Resolved => {
  const whole = candidates.filter(vm => namesOf(vm).includes(key));
  const meant = whole.length > 0 ? whole : candidates;
  const [vm, second] = meant;
  if (vm === undefined) return { kind: 'none' };
  if (second === undefined) return { kind: 'found', vm };
  return { kind: 'ambiguous', candidates: meant.slice(0, MAX_CANDIDATES) };
};
