import { informationOf } from './gpu-machine.ts';
import type { FakeSmi } from './nvidia-smi.ts';
import { AGENT_CALLS, smiProgram } from './nvidia-smi-program.ts';

const writeTo = (path: string, text: string): string =>
  `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`;

/**
 * What NVIDIA's driver leaves on a machine, for a shell of root: its words in /proc, and its program.
 * @param minors which device file is which GPU, by UUID
 */
export const gpuMachineCommands = (
  smi: FakeSmi,
  minors: Readonly<Record<string, number>>,
): string[] => [
  'mount -t tmpfs tmpfs /proc/driver',
  ...Object.entries(minors).map(([uuid, minor]) => {
    const folder = `/proc/driver/nvidia/gpus/0000:00:1${minor}.0`;
    return `mkdir -p ${folder} && ${writeTo(`${folder}/information`, informationOf(uuid, minor))}`;
  }),
  writeTo('/usr/local/bin/nvidia-smi', smiProgram(smi, AGENT_CALLS)),
  'chmod 755 /usr/local/bin/nvidia-smi',
];
