/**
 * A stand-in for nvidia-smi where there is no GPU, as strict as nvidia-smi(1) documents it: a field that
 * it does not know is refused with code 2, values come in the order in which they were asked for, units
 * and the header are there unless they are asked away, and what a GPU does not tell is `[N/A]`.
 */

/** What it knows of a GPU: the value of each field, without its unit. */
export type FakeGpu = Readonly<Record<string, string>>;

export interface FakeSmi {
  gpus: readonly FakeGpu[];
  /** Programs that hold a GPU. */
  programs?: readonly { gpu_uuid: string; pid: string }[];
  /** Parts of a GPU by its UUID, each a size and a UUID. */
  parts?: Readonly<Record<string, readonly [size: string, uuid: string][]>>;
}

/** Fields of `--help-query-gpu` (driver 550) with their units. */
const GPU_UNITS: Readonly<Record<string, string>> = {
  index: '',
  uuid: '',
  name: '',
  driver_version: '',
  'pci.bus_id': '',
  'memory.total': 'MiB',
  'memory.used': 'MiB',
  'utilization.gpu': '%',
  'utilization.memory': '%',
  'temperature.gpu': '',
  'ecc.errors.uncorrected.volatile.total': '',
  'mig.mode.current': '',
};
/** Those of `--help-query-compute-apps`. */
const PROGRAM_UNITS: Readonly<Record<string, string>> = {
  gpu_uuid: '',
  pid: '',
  process_name: '',
  used_gpu_memory: 'MiB',
};

export interface SmiReply {
  exitCode: number;
  stdout: string;
}

const refuse = (stdout: string): SmiReply => ({ exitCode: 2, stdout: `${stdout}\n` });

const table = (
  asked: string,
  units: Readonly<Record<string, string>>,
  rows: readonly FakeGpu[],
  format: string | undefined,
): SmiReply => {
  const fields = asked.split(',');
  const unknown = fields.find(field => units[field] === undefined);
  if (unknown !== undefined) return refuse(`Field "${unknown}" is not a valid field to query.`);
  const options = format?.split(',') ?? [];
  if (options[0] !== 'csv') return refuse('"--format=" switch is missing.');
  const isPlain = options.includes('nounits');
  const unitOf = (field: string): string => (isPlain ? '' : (units[field] ?? ''));
  const cellOf = (row: FakeGpu, field: string): string => {
    const value = row[field] ?? '[N/A]';
    const unit = unitOf(field);
    return unit === '' || value.startsWith('[') ? value : `${value} ${unit}`;
  };
  const header = fields.map(field => field + (unitOf(field) === '' ? '' : ` [${unitOf(field)}]`));
  const lines = rows.map(row => fields.map(field => cellOf(row, field)).join(', '));
  const all = options.includes('noheader') ? lines : [header.join(', '), ...lines];
  return { exitCode: 0, stdout: all.map(line => `${line}\n`).join('') };
};

const list = ({ gpus, parts = {} }: FakeSmi): string =>
  gpus
    .map(({ name, uuid = '' }, index) => {
      const own = (parts[uuid] ?? []).map(
        ([size, part], number) =>
          `  MIG ${size.padEnd(11)} Device ${String(number).padStart(2)}: (UUID: ${part})\n`,
      );
      return `GPU ${index}: ${name} (UUID: ${uuid})\n${own.join('')}`;
    })
    .join('');

/** What it prints, and how it ends. */
export const answerAsSmi = (smi: FakeSmi, args: readonly string[]): SmiReply => {
  if (smi.gpus.length === 0) return { exitCode: 6, stdout: 'No devices were found\n' };
  if (args.length === 1 && args[0] === '-L') return { exitCode: 0, stdout: list(smi) };
  const options = new Map(args.map(arg => arg.split(/=(.*)/s, 2) as [string, string]));
  const known = ['--query-gpu', '--query-compute-apps', '--format'];
  const strange = [...options.keys()].find(option => !known.includes(option));
  if (strange !== undefined) return refuse(`Invalid combination of input arguments: ${strange}`);
  const format = options.get('--format');
  const gpus = options.get('--query-gpu');
  if (gpus !== undefined) {
    const rows = smi.gpus.map((gpu, index) => ({ index: String(index), ...gpu }));
    return table(gpus, GPU_UNITS, rows, format);
  }
  const programs = options.get('--query-compute-apps');
  if (programs === undefined) return refuse('Nothing was asked.');
  return table(programs, PROGRAM_UNITS, smi.programs ?? [], format);
};

/** The driver is not there, or does not answer. */
export const DRIVER_GONE: SmiReply = {
  exitCode: 9,
  stdout:
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
};
