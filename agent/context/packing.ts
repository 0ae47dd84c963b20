import type { MachineSize } from '../machine-size.ts';
import { type Packing, packMachine, slotText } from '../pilot/packing.ts';
import { planSlots, type Slot } from '../pilot/slots.ts';
import type { ParsedContext } from './parse.ts';
import { type Problem, refusal } from './problem.ts';
import type { PilotsContext } from './schema/pilots.ts';
import type { Context } from './schema.ts';

/** How a VM will be packed, as people and scripts see it. */
export interface ShownPacking extends Pick<Packing, 'usable' | 'reserved' | 'because'> {
  layout: PilotsContext['slots'];
  slots: (Pick<Slot, 'name' | 'cores' | 'memoryMb' | 'user'> & { gpus?: string[] })[];
  free: { cores: number; memoryMb: number; gpus: string[] };
}

/** What keeps pilots from the GPUs of others less than it should, a line each. */
const gpuNotices = (slots: readonly Slot[]): string[] => {
  const gpus = slots.flatMap(slot => slot.gpus ?? []);
  return [
    ...(gpus.some(({ devices }) => devices.length === 0)
      ? [
          'the device files of the GPUs are not known, so nothing keeps a pilot from those of others',
        ]
      : []),
    ...(gpus.some(({ partOf }) => partOf !== undefined)
      ? ['the parts of a GPU share its device file, so pilots are kept apart by their names alone']
      : []),
  ];
};

/** `undefined` where the context has no pilots. */
export const showPacking = (context: Context, machine: MachineSize): ShownPacking | undefined => {
  const { pilots } = context;
  if (pilots === undefined) return undefined;
  const { usable, reserved, free, because } = packMachine(pilots, machine);
  const slots = planSlots(context, machine);
  return {
    layout: pilots.slots,
    slots: slots.map(({ name, cores, memoryMb, user, gpus }) => ({
      ...{ name, cores, memoryMb, user },
      ...(gpus === undefined ? {} : { gpus: gpus.map(({ uuid }) => uuid) }),
    })),
    usable,
    reserved,
    free: { ...free, gpus: free.gpus.map(({ uuid }) => uuid) },
    because: [...because, ...gpuNotices(slots)],
  };
};

const cores = (count: number): string => (count === 1 ? '1 core' : `${count} cores`);

/** Slots that are alike, on one line: `3 slots of 2 cores, 1900 MB, 1 GPU`. */
const describeSlots = (slots: ShownPacking['slots']): string[] => {
  const alike = Map.groupBy(slots, slot =>
    [
      cores(slot.cores),
      `${slot.memoryMb} MB`,
      ...(slot.gpus === undefined || slot.gpus.length === 0
        ? []
        : [slot.gpus.length === 1 ? '1 GPU' : `${slot.gpus.length} GPUs`]),
    ].join(', '),
  );
  return [...alike].map(
    ([what, { length }]) => `${length} ${length === 1 ? 'slot' : 'slots'} of ${what}`,
  );
};

/** One line for what there is, and one for each thing that stays free. */
export const describePacking = ({ layout, slots, reserved, because }: ShownPacking): string[] => {
  const kept = [
    ...(reserved.cores === 0 ? [] : [cores(reserved.cores)]),
    ...(reserved.memoryMb === 0 ? [] : [`${reserved.memoryMb} MB`]),
  ];
  const reserve = kept.length === 0 ? '' : `; ${kept.join(' and ')} for the system`;
  return [`${layout}: ${describeSlots(slots).join(', ')}${reserve}`, ...because];
};

type Misfit = Pick<Problem, 'message' | 'remedy'> & { key: string[] };

/** Why not a single slot fits, the key that asks for too much, and what would fit. */
const misfitOf = (pilots: PilotsContext, machine: MachineSize, packing: Packing): Misfit => {
  const { usable, reserved } = packing;
  const { slots, reserve, coresPerSlot, memoryMbPerSlot } = pilots;
  if (usable.cores < 1)
    return {
      key: ['pilots', 'reserve', 'cores'],
      message: `no core is left for pilots: all ${reserved.cores} are for the system`,
      remedy: `at most ${reserved.cores - 1}, or a larger VM`,
    };
  if (slots === 'per-gpu' && (machine.gpus ?? []).length === 0)
    return {
      key: ['pilots', 'slots'],
      message: 'the VM has no GPU, so there is no slot',
      remedy: 'a VM with GPUs, or another layout',
    };
  if (coresPerSlot !== undefined && coresPerSlot > usable.cores)
    return {
      key: ['pilots', 'coresPerSlot'],
      message: `no slot fits: it takes ${cores(coresPerSlot)}, and ${usable.cores} can be used`,
      remedy: `at most ${usable.cores}, or a larger VM`,
    };
  const told = `no slot fits: it takes ${slotText(pilots)}, and ${cores(usable.cores)} and ${usable.memoryMb} MB can be used`;
  if (memoryMbPerSlot !== undefined && memoryMbPerSlot > usable.memoryMb)
    return {
      key: ['pilots', 'memoryMbPerSlot'],
      message: told,
      remedy: `at most ${usable.memoryMb}, or a larger VM`,
    };
  return reserve.memoryMb === undefined
    ? { key: ['pilots', 'slots'], message: told, remedy: 'fewer cores a slot, or a larger VM' }
    : {
        key: ['pilots', 'reserve', 'memoryMb'],
        message: told,
        remedy: `less than ${reserve.memoryMb}, or a larger VM`,
      };
};

/**
 * A VM whose pilots fit into none of it would be billed for doing nothing.
 * @throws context-invalid
 */
export const needSlots = (
  { context: { pilots }, placeOf }: Pick<ParsedContext, 'context' | 'placeOf'>,
  machine: MachineSize,
): void => {
  if (pilots === undefined) return;
  const packing = packMachine(pilots, machine);
  if (packing.shares.length > 0) return;
  const { key, ...told } = misfitOf(pilots, machine, packing);
  throw refusal({ code: 'does-not-fit', ...placeOf(key), ...told });
};
