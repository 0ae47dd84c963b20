import type { VmSummary } from '../fleet/vm-view.ts';
import { deletionText } from './deletion-facts.ts';

/** What a VM said, and what became of it in its cloud. */
export const reasonText = (vm: VmSummary): string =>
  [vm.reason, deletionText(vm)].filter(text => text !== '').join('; ');
