import { parseContext } from '../../../agent/context/parse.ts';
import { type Context, DEFAULT_CONTEXT } from '../../../agent/context/schema.ts';
import { kindOf } from '../../../agent/pilot/kinds/index.ts';
import type { Slot } from '../../../agent/pilot/slots.ts';
import { createRandom, type Random } from './random.ts';
import type { Prepared } from './world.ts';

/** A VM as it was ordered: what its context says, and what it has. */
export interface Setting {
  /** As an operator would write it. */
  written: Readonly<Record<string, unknown>>;
  context: Context;
  slots: readonly Slot[];
  /** What its agent knows once it is contextualized, and if that fails. */
  prepared: Prepared;
  broken: Prepared;
  /** From 0 to 1, the same for the life of the VM. */
  spread: number;
  hasGpus: boolean;
  /** Its traffic and its health are measured. */
  isMeasured: boolean;
  /** Its pilots are told of drains by more than a file, and refuse payloads from then on. */
  isTold: boolean;
}

const pilotsOf = (random: Random): Record<string, unknown> => {
  const shared = {
    ...(random.chance(0.85) ? {} : { restart: random.pick(['on-failure', 'never']) }),
    ...(random.chance(0.4) ? {} : { idleEnd: random.pick([false, '1m', '10m', '2h']) }),
    ...(random.chance(0.5) ? {} : { backoff: { giveUpAfter: 1 + random.below(4) } }),
  };
  return random.chance(0.6)
    ? { kind: 'command', command: ['/bin/pilot'], slots: 'per-core', ...shared }
    : { kind: 'htcondor', collectors: ['cm.example.org'], token: 'pool', ...shared };
};

/** A policy is followed, mostly; or it only observes. */
const modeOf = (random: Random): { mode?: 'observe' } =>
  random.chance(0.12) ? { mode: 'observe' } : {};

const windowOf = (random: Random): unknown =>
  random.chance(0.3)
    ? false
    : {
        window: random.pick(['1m', '10m', '20m', '1h']),
        minimumAge: random.pick(['0s', '5m', '1h']),
        ...modeOf(random),
      };

/** The policies that an operator sets. A new one adds its line. */
const policiesOf = (random: Random): Record<string, unknown> => ({
  lifetime: {
    ...random.pick([
      { max: '30m', payload: '10m', spread: '5m' },
      { max: '4h', payload: '1h', spread: '30m' },
      { max: '24h', payload: '6h', spread: '1h' },
      { max: '24h', payload: '0s', spread: '0s' },
      { max: '7d', payload: '24h', spread: '1h' },
    ]),
    ...modeOf(random),
  },
  zeroLoad: windowOf(random),
  noPayloads: windowOf(random),
  ...(random.chance(0.8) ? {} : { billing: { period: random.pick(['10m', '1h']) } }),
  ...(random.chance(0.6)
    ? {}
    : { lostReceiver: { lease: random.pick(['1m', '30m', '12h']), ...modeOf(random) } }),
  sickNode: random.chance(0.2)
    ? false
    : { after: random.pick(['0s', '1m', '5m']), ...modeOf(random) },
  preemption: random.chance(0.1) ? false : modeOf(random),
  advice: random.chance(0.1) ? false : random.chance(0.5) ? {} : { mode: 'enforce' },
  reboots: random.pick(['halt', 'allow']),
  credentialExpiry: random.chance(0.2) ? false : modeOf(random),
  campaignEnd: modeOf(random),
  budget: modeOf(random),
  downtime: modeOf(random),
  hold: modeOf(random),
  pilotsGaveUp: modeOf(random),
  pilotsEnded: modeOf(random),
});

const CVMFS = {
  repositories: ['vo.example.org'],
  proxies: 'http://squid.example.org:3128',
};

const writtenOf = (random: Random): Record<string, unknown> => ({
  version: 1,
  receiver: { url: 'https://receiver.example.org', enrolmentSecret: 'a secret' },
  credentials: [{ name: 'pool', content: 'a token' }],
  ...(random.chance(0.5) ? {} : { cvmfs: CVMFS }),
  pilots: pilotsOf(random),
  hold: random.pick(['1m', '20m', '2h']),
  ending: {
    drainDeadline: random.pick(['5m', '2h', '24h']),
    killGrace: random.pick(['0s', '10s', '1m', '5m']),
    farewell: random.pick(['0s', '30s', '2m']),
  },
  policies: policiesOf(random),
});

const settingOf = (random: Random): Setting => {
  const written = writtenOf(random);
  const { context } = parseContext([{ name: 'fuzz', text: JSON.stringify(written) }]);
  const slots = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) => ({
    ...{ name: `0${index}`, cores: 1 + index, memoryMb: 2000, user: `plt0${index}` },
  }));
  return {
    ...{ written, context, slots },
    prepared: { preparation: { state: 'done', slots }, context },
    broken: {
      preparation: { state: 'failed', reason: 'fuzz:1: the context is broken' },
      context: { ...DEFAULT_CONTEXT, hold: context.hold },
    },
    spread: random.next(),
    hasGpus: random.chance(0.3),
    isMeasured: random.chance(0.7),
    isTold: context.pilots !== undefined && kindOf(context.pilots).tell !== undefined,
  };
};

/** Contexts are dear to parse, so many histories share one. */
export const SETTINGS_COUNT = 200;

export const createSettings = (): readonly Setting[] => {
  const random = createRandom(5);
  return Array.from({ length: SETTINGS_COUNT }, () => settingOf(random));
};
