import { parseContext } from '../../../agent/context/parse.ts';
import type { Context } from '../../../agent/context/schema.ts';
import { kindOf } from '../../../agent/pilot/kinds/index.ts';
import type { Slot } from '../../../agent/pilot/slots.ts';
import { createRandom, type Random } from './random.ts';

/** A VM as it was ordered: what its context says, and what it has. */
export interface Setting {
  /** As an operator would write it. */
  written: Readonly<Record<string, unknown>>;
  context: Context;
  slots: readonly Slot[];
  /** From 0 to 1, the same for the life of the VM. */
  spread: number;
  hasGpus: boolean;
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

const windowOf = (random: Random): unknown =>
  random.chance(0.3)
    ? false
    : {
        window: random.pick(['1m', '10m', '20m', '1h']),
        minimumAge: random.pick(['0s', '5m', '1h']),
      };

/** The policies that an operator sets. A new one adds its line. */
const policiesOf = (random: Random): Record<string, unknown> => ({
  lifetime: random.pick([
    { max: '30m', payload: '10m', spread: '5m' },
    { max: '4h', payload: '1h', spread: '30m' },
    { max: '24h', payload: '6h', spread: '1h' },
    { max: '24h', payload: '0s', spread: '0s' },
    { max: '7d', payload: '24h', spread: '1h' },
  ]),
  zeroLoad: windowOf(random),
  noPayloads: windowOf(random),
});

const writtenOf = (random: Random): Record<string, unknown> => ({
  version: 1,
  credentials: [{ name: 'pool', content: 'a token' }],
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
    spread: random.next(),
    hasGpus: random.chance(0.3),
    isTold: context.pilots !== undefined && kindOf(context.pilots).tell !== undefined,
  };
};

/** Contexts are dear to parse, so many histories share one. */
export const SETTINGS_COUNT = 120;

export const createSettings = (): readonly Setting[] => {
  const random = createRandom(5);
  return Array.from({ length: SETTINGS_COUNT }, () => settingOf(random));
};
