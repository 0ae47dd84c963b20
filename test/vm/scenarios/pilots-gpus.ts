import { stringify } from 'yaml';
import { gpuMachineCommands } from '../../support/gpu-machine-commands.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { Scenario } from '../bed.ts';
import { patience } from '../host-receiver.ts';
import { contextFile, type GuestFile } from '../user-data.ts';

const A = 'GPU-aaaaaaaa-0000-0000-0000-000000000001';
const B = 'GPU-bbbbbbbb-0000-0000-0000-000000000002';
const SMI = {
  gpus: [
    { uuid: A, 'utilization.gpu': '80' },
    { uuid: B, 'utilization.gpu': '10' },
  ].map(gpu => ({ ...gpu, name: 'Tesla T4', 'memory.total': '15360', driver_version: '550.54' })),
};

/** A device that no driver stands behind fails otherwise than one that is closed. */
const PILOT: GuestFile = {
  path: '/usr/local/bin/gpu-pilot',
  permissions: '0755',
  content: `#!/bin/sh
{
  echo "$PILOTAGE_GPUS $CUDA_VISIBLE_DEVICES"
  for device in nvidia0 nvidia1 nvidiactl null; do
    if (: <"/dev/$device") 2>/tmp/why; then echo "$device open"
    elif grep -q 'No such device' /tmp/why; then echo "$device allowed"
    elif grep -q 'not permitted' /tmp/why; then echo "$device closed"
    else echo "$device $(cat /tmp/why)"
    fi
  done
} >"$HOME/seen"
sleep 100000
`,
};

/** What the driver would have made before the agent starts. */
const BOOT_COMMANDS = [
  ...gpuMachineCommands(SMI, { [A]: 1, [B]: 0 }),
  'mknod -m 666 /dev/nvidia0 c 195 0',
  'mknod -m 666 /dev/nvidia1 c 195 1',
  'mknod -m 666 /dev/nvidiactl c 195 255',
  'mknod -m 666 /dev/nvidia-uvm c 243 0',
];

const USER_DATA = `#cloud-config\n${stringify({
  bootcmd: BOOT_COMMANDS,
  write_files: [
    contextFile('50-site.yaml', {
      version: 1,
      checks: { skip: ['squid', 'dns'] },
      pilots: { kind: 'command', command: [PILOT.path], slots: 'per-core' },
      monitor: { tick: '2s' },
    }),
    PILOT,
  ],
})}`;

/** Real systemd, real device policy, and GPUs of which there is everything but the hardware. */
export const pilotsGpus: Scenario = {
  name: 'pilots-gpus',
  smoke: false,
  title: 'each pilot has the GPU of its slot, and cannot open the other',
  run: async bed => {
    const vm = await bed.boot({ name: 'pilots-gpus', userData: USER_DATA, forwards: [] });
    await vm.waitForConsole(/Cloud-init .* finished at/, 300_000);
    bed.say('cloud-init done');
    const seen = await pollUntil('both pilots have looked', patience(180_000), async () => {
      const { output } = await vm.run('cat /scratch/plt00/seen /scratch/plt01/seen 2>/dev/null');
      return output.match(/^null /gm)?.length === 2 ? output : undefined;
    });
    const lines = (uuid: string, first: string, second: string): string[] => [
      `1 ${uuid}`,
      `nvidia0 ${first}`,
      `nvidia1 ${second}`,
      'nvidiactl allowed',
      'null open',
    ];
    const expected = [...lines(A, 'closed', 'allowed'), ...lines(B, 'allowed', 'closed')];
    bed.check('each sees and opens its own alone', seen.trim() === expected.join('\n'), seen);

    const plan = await vm.run('pilotage-agent contextualize --dry-run | head -n 2');
    bed.check('the plan says so', plan.output.includes('2 slots of 1 core'), plan.output);
    const shown = await pollUntil('the GPUs were asked', patience(120_000), async () => {
      const { output } = await vm.run('pilotage-agent status');
      return output.includes('GPUs in use 0.9') ? output : undefined;
    });
    bed.check('their use is seen', shown.includes('GPUs in use 0.9'), shown);
    const checked = await vm.run('pilotage-agent doctor | grep gpus');
    bed.check(
      'the node check asks the same program',
      /^ok +gpus/.test(checked.output),
      checked.output,
    );
    await vm.run('pilotage-agent halt --now --reason done');
    const reason = await vm.waitForExit(120_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  },
};
