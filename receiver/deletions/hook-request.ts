import { isSafeWord, safeWords } from '../fleet/power-off.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import type { HookEvent } from './hook-record.ts';

/** What a hook is told, beside the event, which is its one argument. */
export interface HookRequest {
  /** `PILOTAGE_…`, without what is not known. */
  env: Readonly<Record<string, string>>;
  /** The same as one JSON object on its standard input. */
  input: string;
}

const upper = (name: string): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();

/**
 * A VM in the words of a hook: `instanceId` is `PILOTAGE_INSTANCE_ID`. The VM has told all of it, so what an option,
 * shell or path could be made of is left out. There is no secret in it.
 */
export const hookRequest = (vm: VmRecord, event: HookEvent): HookRequest => {
  const { hostname, site, endpoint, vo } = vm.identity;
  const { name, ...cloud } = safeWords(vm.latest?.cloud ?? { name: '' });
  const own = Object.entries({ hostname, site, endpoint, vo, cloud: name, ...cloud });
  const said = own.filter(([, word]) => word !== undefined && isSafeWord(word));
  const words = {
    vm: vm.vmId,
    ...Object.fromEntries(said),
    cause: vm.deletion?.cause ?? '',
    attempt: String((vm.deletion?.attempts ?? vm.guard?.attempts ?? 0) + 1),
  };
  const known = Object.entries<string>(words).filter(([, word]) => word !== '');
  return {
    env: Object.fromEntries(known.map(([key, word]) => [`PILOTAGE_${upper(key)}`, word])),
    input: `${JSON.stringify({ event, ...Object.fromEntries(known) })}\n`,
  };
};
