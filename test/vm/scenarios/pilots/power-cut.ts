import { pollUntil } from '../../../support/poll-until.ts';
import type { Scenario } from '../../bed.ts';
import { patience, startReceiver } from '../../host-receiver.ts';
import {
  cloudConfig,
  contextFile,
  forwardTo,
  type GuestFile,
  receiverFile,
} from '../../user-data.ts';

const NAME = 'pilots-power-cut';
const INSTANCE = `i-${NAME}`;
/** How much of a pilot's last words may be lost with its VM. */
const LOST_SECONDS = 8;

/** Says by the VM's own clock when it said it. */
const TALKER: GuestFile = {
  path: '/usr/local/bin/talker',
  permissions: '0755',
  content: `#!/bin/sh
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
while :; do
  echo "said at $(cut -d ' ' -f 1 /proc/uptime)"
  sleep 0.25
done
`,
};

const SITE = contextFile('50-site.yaml', {
  version: 1,
  pilots: { kind: 'command', command: [TALKER.path], slots: 'per-core' },
  monitor: { tick: '2s' },
});

const lastSaid = (log: string): number =>
  Number([...log.matchAll(/said at (\d+\.\d+)\n/g)].at(-1)?.[1] ?? Number.NaN);

/** The machine is gone from one moment to the next; what its pilots said is not. */
export const pilotsPowerCut: Scenario = {
  name: NAME,
  smoke: false,
  title: 'QEMU is killed while pilots write: their logs are at the receiver',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, TALKER]),
      forwards: [forwardTo(receiver)],
    });
    const read = (slot: string): Promise<string> =>
      receiver.operate(['logs', INSTANCE, '--source', `${slot}-1.out`]);
    const before = await pollUntil('both pilots are heard', patience(600_000), async () => {
      const seen = await receiver.show(INSTANCE);
      if (seen?.pilots.filter(({ state }) => state === 'running').length !== 2) return undefined;
      const logs = await Promise.all(['00', '01'].map(read));
      return logs.every(log => lastSaid(log) > 0) ? seen : undefined;
    });
    bed.say('contextualized, two pilots talk');
    await pollUntil('heartbeats go on', patience(60_000), async () => {
      const seen = await receiver.show(INSTANCE);
      return (seen?.sequence ?? 0) > (before.sequence ?? 0) + 3 ? seen : undefined;
    });
    const uptime = await vm.run("cut -d ' ' -f 1 /proc/uptime");
    await vm.powerKill();
    bed.say('QEMU killed by SIGKILL');
    for (const slot of ['00', '01']) {
      const lost = Number(uptime.output) - lastSaid(await read(slot));
      const isThere = lost <= LOST_SECONDS;
      const what = `all but the last ${LOST_SECONDS} s of pilot ${slot} is at the receiver`;
      bed.check(what, isThere, `${lost.toFixed(1)} s lost`);
      bed.say(`pilot ${slot}: ${lost.toFixed(1)} s lost`);
    }
  },
};
