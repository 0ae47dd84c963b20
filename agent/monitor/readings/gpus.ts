import type { Exec } from '../../../platform/exec.ts';
import type { Files } from '../../../platform/files.ts';
import type { Gpu } from '../../gpus/gpu.ts';
import { numberOf, queryGpus, queryPrograms } from '../../gpus/nvidia-smi.ts';
import { FAILED, measured, type Reading, sumReadings } from '../../reading.ts';
import type { DearReading } from './dear.ts';

/** How busy an AMD GPU is, percent: a file of the amdgpu driver. */
const readAmdUse = async (host: Files, { devices }: Gpu): Promise<Reading> => {
  const name = devices[0]?.replace(/^.*\//, '') ?? '';
  const text = await host.read(`/sys/class/drm/${name}/device/gpu_busy_percent`, 64);
  const percent = numberOf(text?.trim() ?? '');
  return percent === undefined ? FAILED : measured(percent / 100);
};

/** Of a GPU that is divided the driver tells no use: it is in use if any program holds one. */
const readNvidiaUse = async (
  exec: Exec,
  gpus: readonly Gpu[],
  signal: AbortSignal,
): Promise<Reading[]> => {
  const wanted = new Set(gpus.map(({ uuid, partOf = uuid }) => partOf));
  if (wanted.size === 0) return [];
  const rows = await queryGpus(exec, ['uuid', 'utilization.gpu'], signal);
  const percents = new Map(rows.map(row => [row.uuid, numberOf(row['utilization.gpu'])] as const));
  const isTold = [...wanted].every(uuid => percents.get(uuid) !== undefined);
  const programs = isTold ? [] : await queryPrograms(exec);
  return [...wanted].map(uuid => {
    if (!percents.has(uuid)) return FAILED;
    const percent = percents.get(uuid) ?? (programs.length > 0 ? 100 : 0);
    return measured(percent / 100);
  });
};

/** GPUs in use by pilots, each from 0 to 1. nvidia-smi takes a second of a processor on some machines. */
export const createGpuReading = ({ host, exec }: { host: Files; exec: Exec }): DearReading => ({
  what: 'the use of the GPUs',
  names: ['gpus'],
  everyMs: 60_000,
  timeoutMs: 60_000,
  question: ({ slots }) => {
    const gpus = slots.flatMap(slot => slot.gpus ?? []);
    if (gpus.length === 0) return undefined;
    return async signal => {
      const nvidia = gpus.filter(({ vendor }) => vendor === 'nvidia');
      const amd = gpus.filter(({ vendor }) => vendor === 'amd');
      const uses = await readNvidiaUse(exec, nvidia, signal);
      for (const gpu of amd) uses.push(await readAmdUse(host, gpu));
      return { gpus: sumReadings(uses) };
    };
  },
});
