import type { Scenario } from '../../bed.ts';
import { bootAtWork, putOffBelow, waitForEnd, watchSaid } from './at-work.ts';

const NAME = 'ending-agent-removed';

/** Root's own share too, in ever smaller pieces. */
const FILL_DISK = `for size in 256M 16M 1M 64K 4K; do
  n=0; while fallocate -l $size /var/filler-$size-$n; do n=$((n + 1)); done; rm -f /var/filler-$size-$n
done 2>/dev/null; df --output=avail / | tail -n 1`;

/** Nothing is left that could help: no binary, no room on the disk. */
export const endingAgentRemoved: Scenario = {
  name: NAME,
  smoke: false,
  title: 'the disk is full, the agent’s binary removed and the agent killed: the VM ends',
  run: async bed => {
    const world = await bootAtWork(bed, NAME, {
      ending: { deadMan: '60s', powerOff: '2m' },
    });
    const { vm } = world;
    await putOffBelow(bed, NAME, world);
    const filled = await vm.run(FILL_DISK);
    bed.check('the disk is full', filled.output.trim() === '0', filled.output);
    await vm.run(
      'rm /usr/bin/pilotage-agent; systemctl kill --kill-whom=main -s KILL pilotage-agent',
    );
    bed.say('binary removed, agent killed');
    const seconds = await waitForEnd(bed, vm, 60_000 + 10_000 + 120_000 + 60_000);
    bed.check('not before its bound', seconds >= 50, `${seconds.toFixed(1)} s`);
    const ended = watchSaid(vm).filter(said => said.includes('powering off'));
    bed.check('the watch ended it', /no progress for [67]\d s/.test(ended[0] ?? ''), ended[0]);
  },
};
