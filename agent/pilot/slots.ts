import type { Context } from '../context/schema.ts';
import { kindOf } from './kinds/index.ts';

/** A part of the VM that one pilot at a time may use. */
export interface Slot {
  /** `00`, `01`, … */
  name: string;
  cores: number;
  memoryMb: number;
  /** The user under which its pilots run. */
  user: string;
  /** Users beside it under which its payloads run, where its kind of pilot has them. */
  payloadUsers?: readonly string[];
}

const SYSTEM_SHARE = 0.05;

/** How many cores each slot gets. Cores that fill no whole slot stay free. */
const coresOfSlots = (pilots: NonNullable<Context['pilots']>, cores: number): number[] => {
  if (pilots.slots === 'whole-node') return [cores];
  const each = pilots.slots === 'per-core' ? 1 : (pilots.coresPerSlot ?? 1);
  return Array.from({ length: Math.floor(cores / each) }, () => each);
};

/**
 * The VM's slots. Memory is shared by cores, after a twentieth is set aside for the system; a context
 * without pilots has no slots.
 */
export const planSlots = (
  { pilots, users }: Pick<Context, 'pilots' | 'users'>,
  machine: { cores: number; memoryMb: number },
): Slot[] => {
  if (pilots === undefined) return [];
  const memoryPerCore = (machine.memoryMb * (1 - SYSTEM_SHARE)) / machine.cores;
  return coresOfSlots(pilots, machine.cores).map((cores, index) => {
    const name = String(index).padStart(2, '0');
    const user = `${users.prefix}${name}`;
    const payloadUsers = kindOf(pilots).payloadUsers?.(pilots, { user, cores }) ?? [];
    return {
      name,
      cores,
      memoryMb: pilots.memoryMbPerSlot ?? Math.floor(memoryPerCore * cores),
      user,
      ...(payloadUsers.length === 0 ? {} : { payloadUsers }),
    };
  });
};
