import type { Http } from '../../../platform/http.ts';
import { parseProxyString } from '../../checks/proxies.ts';
import type { SquidState } from '../../checks/squid.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';
import type { DearReading } from './dear.ts';

/** One that serves is enough. Where some answer, but none as it should, the server behind may be at fault. */
export const judgeSquids = (states: readonly SquidState[]): Reading => {
  if (states.includes('serves')) return measured(1);
  return states.includes('astray') ? FAILED : measured(0);
};

/** Whether a squid of the context serves CVMFS. */
export const createSquidReading = ({ http }: { http: Http }): DearReading => ({
  what: 'the squids',
  names: ['squid'],
  everyMs: 300_000,
  timeoutMs: 20_000,
  question: ({ context }) => {
    const { cvmfs, checks } = context;
    if (cvmfs === undefined || checks.skip.includes('squid')) return undefined;
    if (!parseProxyString(cvmfs.proxies).some(({ kind }) => kind === 'proxy')) return undefined;
    return async signal => {
      const { probeSquids } = await import('../../checks/squid.ts');
      const found = await probeSquids(context, { http }, signal);
      return { squid: judgeSquids(found.map(({ state }) => state)) };
    };
  },
});
