import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Gpu } from './gpu.ts';
import { listParts, numberOf, queryGpus } from './nvidia-smi.ts';

const DRIVER = '/proc/driver/nvidia';
const MAX_BYTES = 16 * 1024;

/**
 * /proc/driver/nvidia/gpus/…/information: which GPU is which /dev/nvidiaN. nvidia-smi counts them in the
 * order of the bus, which need not be that of the files.
 */
export const parseInformation = (text: string): { uuid: string; minor: number } | undefined => {
  const uuid = /^GPU UUID:\s+(GPU-[0-9a-f-]+)\s*$/m.exec(text)?.[1];
  const minor = /^Device Minor:\s+(\d{1,4})\s*$/m.exec(text)?.[1];
  return uuid === undefined || minor === undefined ? undefined : { uuid, minor: Number(minor) };
};

const readMinors = async (host: Files): Promise<Map<string, number>> => {
  const minors = new Map<string, number>();
  for (const bus of await host.list(`${DRIVER}/gpus`)) {
    const text = await host.read(`${DRIVER}/gpus/${bus}/information`, MAX_BYTES);
    const found = parseInformation(text ?? '');
    if (found !== undefined) minors.set(found.uuid, found.minor);
  }
  return minors;
};

export const hasNvidiaDriver = async (host: Files): Promise<boolean> =>
  (await host.facts(DRIVER)) !== undefined;

/** NVIDIA's GPUs, each as it can be used: in parts where it is divided. Fails where they cannot be asked. */
export const readNvidia = async (host: Files, exec: Exec): Promise<Gpu[]> => {
  if (!(await hasNvidiaDriver(host))) return [];
  const rows = await queryGpus(exec, ['uuid', 'name', 'memory.total']);
  const parts = rows.length === 0 ? [] : await listParts(exec);
  const minors = await readMinors(host);
  return rows.flatMap(({ uuid, name, 'memory.total': memory }): Gpu[] => {
    const minor = minors.get(uuid);
    const shared = {
      vendor: 'nvidia' as const,
      devices: minor === undefined ? [] : [`/dev/nvidia${minor}`],
    };
    const own = parts.filter(({ of }) => of === uuid);
    if (own.length > 0)
      return own.map(part => ({
        ...shared,
        uuid: part.uuid,
        model: `${name} ${part.model}`,
        partOf: uuid,
      }));
    const memoryMb = numberOf(memory);
    return [{ ...shared, uuid, model: name, ...(memoryMb === undefined ? {} : { memoryMb }) }];
  });
};
