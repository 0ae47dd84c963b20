import { gpuMachineCommands } from '../support/gpu-machine-commands.ts';
import { startCondorVm } from './condor-vm.ts';
import type { Bed } from './scenarios.ts';

const A = 'GPU-aaaaaaaa-0000-0000-0000-000000000001';
const B = 'GPU-bbbbbbbb-0000-0000-0000-000000000002';
const SMI = {
  gpus: [
    { uuid: A, 'memory.total': '15360' },
    { uuid: B, 'memory.total': '4096' },
  ].map(gpu => ({ ...gpu, name: 'Tesla T4', driver_version: '550.54' })),
};
const MINUTE_MS = 60_000;

/** Real condor gives real jobs GPUs of which there is everything but the hardware. */
export const giveGpus = async ({ machine, pool, checks }: Bed): Promise<void> => {
  await machine.run(gpuMachineCommands(SMI, { [A]: 0, [B]: 1 }).join('\n'));
  const vm = await startCondorVm(machine, pool.token, {});
  const script = 'echo "$CUDA_VISIBLE_DEVICES $NVIDIA_VISIBLE_DEVICES"; sleep 2';
  const large = 'request_gpus = 1\ngpus_minimum_memory = 10000';
  const done = (names: readonly string[], jobs: number): Promise<true> =>
    vm.until(`${names} done`, 2 * MINUTE_MS, async () => {
      const counts = await Promise.all(names.map(name => pool.count(name)));
      return counts.reduce((sum, { completed }) => sum + completed, 0) === jobs ? true : undefined;
    });
  // First, since condor gives a job of the same user the slot of the last one, with its GPU, if it can.
  await pool.submit({ name: 'no-gpu', count: 1, script });
  await done(['no-gpu'], 1);
  await pool.submit({ name: 'gpus', count: 2, script, also: 'request_gpus = 1' });
  await pool.submit({ name: 'large-gpu', count: 1, script, also: large });
  await done(['gpus', 'large-gpu'], 3);
  const said = (name: string): Promise<string> => machine.run(`cat /jobs/${name}.*.out | sort`);
  const both = await said('gpus');
  checks.check(
    'jobs that ask for a GPU have one, by its UUID',
    both === `${A} ${A}\n${B} ${B}\n`,
    both,
  );
  const one = await said('large-gpu');
  checks.check('one that asks for memory has the GPU that has it', one === `${A} ${A}\n`, one);
  const none = await said('no-gpu');
  checks.check('one that asks for none has none', none === 'void none\n', none);
  await vm.order('halt --reason done');
  await vm.untilOver(MINUTE_MS);
  await machine.run('umount /proc/driver; rm /usr/local/bin/nvidia-smi');
};
