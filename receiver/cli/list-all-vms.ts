import type { VmSummary } from '../fleet/vm-view.ts';
import type { ReceiverClient } from './receiver-client.ts';

interface Page {
  vms: VmSummary[];
  nextCursor: string | null;
}

const PAGE = 1000;

/** Every VM, or those in one state, in the order of their enrolment. */
export const listAllVms = async (
  client: Pick<ReceiverClient, 'get'>,
  state: string | undefined,
): Promise<VmSummary[]> => {
  const vms: VmSummary[] = [];
  for (let cursor = ''; ; ) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (state !== undefined) query.set('state', state);
    if (cursor !== '') query.set('cursor', cursor);
    const page = (await client.get(`/v1/vms?${query}`)) as Page;
    vms.push(...page.vms);
    if (page.nextCursor === null) return vms;
    cursor = page.nextCursor;
  }
};
