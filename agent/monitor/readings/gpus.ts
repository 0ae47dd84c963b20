import { messageOf } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';
import type { Files } from '../../../platform/files.ts';
import type { Log } from '../../../platform/log.ts';
import type { Gpu } from '../../gpus/gpu.ts';
import { numberOf, queryGpus, queryPrograms } from '../../gpus/nvidia-smi.ts';
import type { Moment } from '../../moment.ts';
import type { Slot } from '../../pilot/slots.ts';
import { FAILED, measured, NO_DATA, type Reading, sumReadings } from '../../reading.ts';

/** nvidia-smi takes a second of a processor on some machines. */
const EVERY_MS = 60_000;
/** How many times that an answer may be old before it counts as none. */
const STALE_TIMES = 4;

/** GPUs in use by pilots, each from 0 to 1; `undefined` where they have none. */
export type ReadGpuUse = (now: Moment, slots: readonly Slot[]) => Reading | undefined;

/** How busy an AMD GPU is, percent: a file of the amdgpu driver. */
const readAmdUse = async (host: Files, { devices }: Gpu): Promise<Reading> => {
  const name = devices[0]?.replace(/^.*\//, '') ?? '';
  const text = await host.read(`/sys/class/drm/${name}/device/gpu_busy_percent`, 64);
  const percent = numberOf(text?.trim() ?? '');
  return percent === undefined ? FAILED : measured(percent / 100);
};

/** Of a GPU that is divided the driver tells no use: it is in use if any program holds one. */
const readNvidiaUse = async (exec: Exec, gpus: readonly Gpu[]): Promise<Reading[]> => {
  const wanted = new Set(gpus.map(({ uuid, partOf = uuid }) => partOf));
  if (wanted.size === 0) return [];
  const rows = await queryGpus(exec, ['uuid', 'utilization.gpu']);
  const percents = new Map(rows.map(row => [row.uuid, numberOf(row['utilization.gpu'])] as const));
  const isTold = [...wanted].every(uuid => percents.get(uuid) !== undefined);
  const programs = isTold ? [] : await queryPrograms(exec);
  return [...wanted].map(uuid => {
    if (!percents.has(uuid)) return FAILED;
    const percent = percents.get(uuid) ?? (programs.length > 0 ? 100 : 0);
    return measured(percent / 100);
  });
};

/** Asks once in a while, beside the ticks, so that a driver that hangs holds nothing up. */
export const createReadGpuUse = ({
  host,
  exec,
  log,
}: {
  host: Files;
  exec: Exec;
  log: Log;
}): ReadGpuUse => {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let isAsking = false;
  let answer: { atMs: number; use: Reading } | undefined;

  const ask = async (gpus: readonly Gpu[], atMs: number): Promise<void> => {
    try {
      const nvidia = gpus.filter(({ vendor }) => vendor === 'nvidia');
      const amd = gpus.filter(({ vendor }) => vendor === 'amd');
      const uses = await readNvidiaUse(exec, nvidia);
      for (const gpu of amd) uses.push(await readAmdUse(host, gpu));
      answer = { atMs, use: sumReadings(uses) };
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the use of the GPUs could not be read');
      answer = { atMs, use: FAILED };
    } finally {
      isAsking = false;
    }
  };

  return ({ monotonicMs }, slots) => {
    const gpus = slots.flatMap(slot => slot.gpus ?? []);
    if (gpus.length === 0) return undefined;
    if (!isAsking && monotonicMs - askedAtMs >= EVERY_MS) {
      askedAtMs = monotonicMs;
      isAsking = true;
      void ask(gpus, monotonicMs);
    }
    if (answer === undefined) return NO_DATA;
    return monotonicMs - answer.atMs > STALE_TIMES * EVERY_MS ? FAILED : answer.use;
  };
};
