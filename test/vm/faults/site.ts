import { contextFile, type GuestFile } from '../user-data.ts';
import { PAYLOAD_PATH, type PayloadKind } from './payload.ts';

export interface SiteSpec {
  payload: PayloadKind;
  /** Beside the context that all have, section by section. */
  context?: Readonly<Record<string, object | string | false>> | undefined;
  /** The hard end, s from now: an end that no bound foresaw is still an end. */
  latestS: number;
}

/** How long a VM that cannot work is held. */
export const HOLD = '15s';

/**
 * A context of short times, so that each story is short too.
 * @param uptimeS the VM's age, from which its hard end is counted
 */
export const faultSite = (
  { payload, context = {}, latestS }: SiteSpec,
  uptimeS: number,
): GuestFile =>
  contextFile('50-site.yaml', {
    version: 1,
    hold: HOLD,
    // No squid is here; what the node lacks is another scenario's.
    checks: { skip: ['squid', 'dns'] },
    pilots: {
      ...{ kind: 'command', command: [PAYLOAD_PATH, payload], slots: 'whole-node' },
      ...{ restart: 'never', backoff: { minimumRun: '1s', first: '1s', giveUpAfter: 2 } },
    },
    ending: {
      ...{ drainDeadline: '40s', killGrace: '5s', farewell: '10s' },
      ...{ powerOff: '20s', deadMan: '2m' },
    },
    monitor: { tick: '2s' },
    ...context,
    policies: {
      lifetime: { payload: '120s', spread: '0s', max: `${Math.ceil(uptimeS + latestS)}s` },
      zeroLoad: { window: '30s', minimumAge: '1s' },
      noPayloads: { window: '30s', minimumAge: '1s' },
      ...(typeof context.policies === 'object' ? context.policies : {}),
    },
  });
