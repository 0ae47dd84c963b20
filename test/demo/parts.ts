import { cpus } from 'node:os';
import { join } from 'node:path';

/** What a VM of the demo is there to show. */
export interface Part {
  /** Its running pod, which the receiver's page shows. */
  name: string;
  /** For the timeline. */
  tells: string;
  /** Its context, as people write it, but for the marker of its pilots. */
  context: Readonly<Record<string, unknown>>;
}

const PILOT = ['/bin/sh', join(import.meta.dirname, 'pilot.sh')];

/** Payloads of a pilot, with the seconds that each burns a core and those until the next. */
const work = (payloads: number) => ({ PAYLOADS: String(payloads), BURST: '0.4', PAUSE: '0.8' });
const ENDLESS = 1_000_000;

const SHARED = {
  monitor: { tick: '1s' },
  hold: '15s',
  peek: { allow: ['ps', 'top', 'ls', 'tail', 'stack'] },
  ending: { drainDeadline: '60s', killGrace: '5s', farewell: '5s' },
};
const BACKOFF = { minimumRun: '1s', first: '2s', most: '4s', giveUpAfter: 3 };

const pilots = (payloads: number, more: object = {}) => ({
  kind: 'command',
  command: PILOT,
  environment: work(payloads),
  slots: 'whole-node',
  backoff: BACKOFF,
  ...more,
});
/** Two pilots on an even number of cores, whatever the machine; never as many as it has. */
const TWO_SLOTS = { slots: 'fixed', coresPerSlot: Math.max(1, Math.floor(cpus().length / 2)) };

/**
 * A VM whose work runs out.
 * @param window how long it may be idle, e.g. `4s`
 */
export const quiet = (payloads: number, window: string): Part => ({
  name: 'quiet',
  tells: `one pilot with ${payloads} payloads, then no work; ${window} of zero load end the VM`,
  context: {
    ...SHARED,
    pilots: pilots(payloads),
    policies: { zeroLoad: { below: 0.1, window, minimumAge: '3s' } },
  },
});

/** A VM that always has work. */
export const steady = (): Part => ({
  name: 'steady',
  tells: 'pilots on all cores that never run out of work; it ends when it is told, or after 5m',
  context: {
    ...SHARED,
    pilots: pilots(ENDLESS, TWO_SLOTS),
    policies: { lifetime: { max: '5m', payload: '20s', spread: '20s' } },
  },
});

/** A VM with one pilot that has work for as long as it lives. */
export const wholeNode = (): Part => ({
  name: 'whole-node',
  tells: 'one pilot for the whole VM that never runs out of work',
  context: { ...SHARED, pilots: pilots(ENDLESS) },
});

/** A VM that was given little time. */
export const brief = (): Part => ({
  name: 'brief',
  tells: 'a lifetime of 1m: it drains by itself before that is over',
  context: {
    ...SHARED,
    pilots: pilots(ENDLESS),
    policies: { lifetime: { max: '60s', payload: '20s', spread: '5s' } },
  },
});

/** A VM on which no pilot can stay up. */
export const sick = (): Part => ({
  name: 'sick',
  tells: 'its pilot fails at once, again and again; the VM gives up and says why',
  context: {
    ...SHARED,
    pilots: { ...pilots(0), command: ['/bin/sh', '-c', 'echo "no scratch space" >&2; exit 3'] },
  },
});
