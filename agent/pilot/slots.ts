import type { Context } from '../context/schema.ts';
import type { Gpu } from '../gpus/gpu.ts';
import type { MachineSize } from '../machine-size.ts';
import { kindOf } from './kinds/index.ts';
import { packMachine } from './packing.ts';

/** A part of the VM that one pilot at a time may use. */
export interface Slot {
  /** `00`, `01`, … */
  name: string;
  cores: number;
  memoryMb: number;
  /** GPUs that are its own; absent on a machine without any. */
  gpus?: readonly Gpu[];
  /** The user under which its pilots run. */
  user: string;
  /** Users beside it under which its payloads run, where its kind of pilot has them. */
  payloadUsers?: readonly string[];
}

/** The VM's slots; a context without pilots has none. */
export const planSlots = (
  { pilots, users }: Pick<Context, 'pilots' | 'users'>,
  machine: MachineSize,
): Slot[] => {
  if (pilots === undefined) return [];
  return packMachine(pilots, machine).shares.map((share, index) => {
    const name = String(index).padStart(2, '0');
    const user = `${users.prefix}${name}`;
    const { cores } = share;
    const payloadUsers = kindOf(pilots).payloadUsers?.(pilots, { user, cores }) ?? [];
    return {
      ...share,
      name,
      user,
      ...(payloadUsers.length === 0 ? {} : { payloadUsers }),
    };
  });
};
