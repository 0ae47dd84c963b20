import type { MachineId } from '../machine.ts';

/** What the plan needs to know of the machine; gathered once, when the VM is contextualized. */
export interface Facts extends MachineId {
  /** Logical processors. */
  cores: number;
  memoryMb: number;
}

/** systeminformation knows every platform's way to tell; it is loaded for this alone. */
export const readFacts = async (machineId: MachineId): Promise<Facts> => {
  const { cpu, mem } = await import('systeminformation');
  const [processors, memory] = await Promise.all([cpu(), mem()]);
  return {
    ...machineId,
    cores: Math.max(1, processors.cores),
    memoryMb: Math.max(1, Math.floor(memory.total / 1024 / 1024)),
  };
};
