import type { Scenario } from '../../bed.ts';
import { bootAtWork, waitForEnd, watchSaid } from './at-work.ts';

const NAME = 'ending-dead-mount';

/** A filesystem that answers no write any more, and a service that hangs on it in the kernel. */
const HANG = `mkdir -p /mnt/dead && mount /dev/disk/by-id/virtio-dead /mnt/dead || exit 1
systemd-run --quiet --unit=hanging sh -c 'while :; do echo more >>/mnt/dead/file; done'
sleep 2; fsfreeze --freeze /mnt/dead; sleep 2
ps -o stat= -p $(systemctl show -P MainPID hanging)`;

/** No signal ends what hangs in the kernel: neither systemd nor its last program gets past it. */
export const endingDeadMount: Scenario = {
  name: NAME,
  smoke: false,
  title: 'a halt, and a process that hangs on a dead mount: the kernel powers off',
  run: async bed => {
    const { vm, receiver } = await bootAtWork(bed, NAME, {
      ending: { powerOff: '20s' },
      disks: [{ serial: 'dead', sizeMb: 64, ext4Label: 'dead' }],
    });
    const hangs = await vm.run(HANG);
    bed.check('a process hangs in the kernel', hangs.output.startsWith('D'), hangs.output);
    await receiver.operate(['halt', `i-${NAME}`, '--reason', 'end of the test']);
    bed.say('halt sent by the operator');
    await vm.waitForConsole(/pilotage: powering off: .*/, 120_000);
    bed.say('the agent powers off');
    await waitForEnd(bed, vm, 20_000 + 30_000 + 10_000 + 20_000 + 60_000);
    const said = watchSaid(vm).filter(line => /powering off|asking/.test(line));
    const ways = said.map(line => /by force|asking the kernel/.exec(line)?.[0]).join(', ');
    bed.check('by force, then by the kernel', ways === 'by force, asking the kernel', ways);
    const last = await receiver.show(`i-${NAME}`);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
  },
};
