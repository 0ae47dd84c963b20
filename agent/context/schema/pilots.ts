import * as v from 'valibot';
import { CommandPilots } from './pilot-command.ts';
import { DiracPilots } from './pilot-dirac.ts';
import { GlideinwmsPilots } from './pilot-glideinwms.ts';
import { HtcondorPilots } from './pilot-htcondor.ts';
import { hasGpuSlots } from './pilot-slots.ts';

/** What runs in the slots: one section a kind of pilot, told apart by `kind`. */
export const Pilots = v.pipe(
  v.variant(
    'kind',
    [CommandPilots, DiracPilots, HtcondorPilots, GlideinwmsPilots],
    'one of: command, dirac, htcondor, glideinwms',
  ),
  v.forward(
    v.check(
      ({ slots, coresPerSlot }) => (slots === 'fixed') === (coresPerSlot !== undefined),
      'given with slots: fixed, and only then',
    ),
    ['coresPerSlot'],
  ),
  v.forward(
    v.check(
      ({ slots, gpus, coresPerGpuSlot }) =>
        coresPerGpuSlot === undefined || hasGpuSlots(slots, gpus),
      'given with slots: per-core or fixed, and not with gpus: none',
    ),
    ['coresPerGpuSlot'],
  ),
  v.forward(
    v.check(
      ({ slots, gpus, memoryMbPerGpuSlot }) =>
        memoryMbPerGpuSlot === undefined || hasGpuSlots(slots, gpus),
      'given with slots: per-core or fixed, and not with gpus: none',
    ),
    ['memoryMbPerGpuSlot'],
  ),
  v.forward(
    v.check(
      ({ slots, gpus }) => slots !== 'per-gpu' || gpus !== 'none',
      'not none with slots: per-gpu',
    ),
    ['gpus'],
  ),
);
export type PilotsContext = v.InferOutput<typeof Pilots>;
/** The section of one kind. */
export type PilotsOf<K extends PilotsContext['kind']> = Extract<PilotsContext, { kind: K }>;
