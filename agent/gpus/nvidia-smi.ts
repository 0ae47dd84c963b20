import { PilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';

/** nvidia-smi(1), as far as it is asked: of its tables in CSV, and its list of GPUs. */

const TIMEOUT_MS = 60_000;
const MAX_ROWS = 1024;

/** Fields that every driver knows; one that it does not know fails the whole query. */
export type GpuField =
  | 'index'
  | 'uuid'
  | 'name'
  | 'memory.total'
  | 'driver_version'
  | 'ecc.errors.uncorrected.volatile.total'
  | 'utilization.gpu';

const NONE = /^No devices were found$/;

const unreadable = (line: string): PilotageError =>
  new PilotageError('command-failed', `nvidia-smi cannot be understood: ${line.slice(0, 200)}`);

/**
 * `--format=csv,noheader,nounits`: a line a row, values in the order of the fields.
 * @throws command-failed for a row of other values than were asked for
 */
export const parseRows = <F extends string>(
  fields: readonly F[],
  csv: string,
): Readonly<Record<F, string>>[] => {
  const lines = csv.split('\n').filter(line => line.trim() !== '' && !NONE.test(line.trim()));
  if (lines.length > MAX_ROWS) throw unreadable(`${lines.length} rows`);
  return lines.map(line => {
    const values = line.split(',').map(value => value.trim());
    if (values.length !== fields.length || values.includes('')) throw unreadable(line);
    return Object.fromEntries(fields.map((field, index) => [field, values[index]])) as Record<
      F,
      string
    >;
  });
};

/** A number; `undefined` for what the GPU does not tell, such as `[N/A]` or `[Not Supported]`. */
export const numberOf = (value: string): number | undefined =>
  /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;

/** Code 6 is how some drivers say that there are no GPUs. */
const NO_GPUS_EXIT = 6;

export const queryGpus = async <F extends GpuField>(
  exec: Exec,
  fields: readonly F[],
  signal?: AbortSignal,
): Promise<Readonly<Record<F, string>>[]> => {
  const { stdout, exitCode } = await exec.run(
    'nvidia-smi',
    [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'],
    {
      timeoutMs: TIMEOUT_MS,
      allowedExitCodes: [0, NO_GPUS_EXIT],
      ...(signal === undefined ? {} : { signal }),
    },
  );
  if (exitCode === NO_GPUS_EXIT && !NONE.test(stdout.trim())) throw unreadable(stdout);
  return parseRows(fields, stdout);
};

/** Programs that hold a GPU, by its UUID. */
export const queryPrograms = async (exec: Exec): Promise<{ gpu_uuid: string; pid: string }[]> => {
  const { stdout } = await exec.run(
    'nvidia-smi',
    ['--query-compute-apps=gpu_uuid,pid', '--format=csv,noheader,nounits'],
    { timeoutMs: TIMEOUT_MS },
  );
  return parseRows(['gpu_uuid', 'pid'], stdout);
};

/** A part of a GPU that programs can use by itself (MIG). */
export interface GpuPart {
  /** UUID of the GPU. */
  of: string;
  uuid: string;
  /** Its size, such as `MIG 3g.20gb`. */
  model: string;
}

/** What `nvidia-smi -L` prints: each GPU, and indented below it its parts. */
export const parseParts = (list: string): GpuPart[] => {
  const parts: GpuPart[] = [];
  let of: string | undefined;
  for (const line of list.split('\n').slice(0, MAX_ROWS)) {
    of = /^GPU \d+: .*\(UUID: (GPU-[0-9a-f-]+)\)\s*$/.exec(line)?.[1] ?? of;
    const part = /^\s+(MIG \S+)\s+Device\s+\d+: \(UUID: (MIG-[0-9A-Za-z/-]+)\)\s*$/.exec(line);
    if (part?.[1] !== undefined && part[2] !== undefined && of !== undefined)
      parts.push({ of, model: part[1], uuid: part[2] });
  }
  return parts;
};

export const listParts = async (exec: Exec): Promise<GpuPart[]> => {
  const options = { timeoutMs: TIMEOUT_MS, allowedExitCodes: [0, NO_GPUS_EXIT] };
  return parseParts((await exec.run('nvidia-smi', ['-L'], options)).stdout);
};
