import type { Scenario } from '../../bed.ts';
import { bootAtWork, putOffBelow, waitForEnd, watchSaid } from './at-work.ts';

const NAME = 'ending-agent-stopped';

/** Three signs of the watch, and processes beside it: none. */
const WATCH = `systemctl show -p ActiveState -p OOMScoreAdjust pilotage-dead-man | sort
pid=$(systemctl show -P MainPID pilotage-dead-man); tr '\\0' ' ' </proc/$pid/cmdline; echo
pgrep -P $pid | wc -l`;

/** The agent hangs, and no other watchdog sees it. The clock leaps meanwhile. */
export const endingAgentStopped: Scenario = {
  name: NAME,
  smoke: false,
  title: 'the clock leaps and the VM works on; SIGSTOP of the agent, and the VM ends',
  run: async bed => {
    const world = await bootAtWork(bed, NAME, {
      ending: { deadMan: '60s', powerOff: '2m' },
    });
    const { vm } = world;
    await putOffBelow(bed, NAME, world);
    const watch = await vm.run(WATCH);
    bed.check(
      'the dead man’s watch is there, and starts no process',
      watch.output ===
        'ActiveState=active\nOOMScoreAdjust=-1000\n@pilotage-dead-man /usr/lib/pilotage/dead-man \n0\n',
      watch.output,
    );
    const memory = await vm.run(
      'cat /proc/$(systemctl show -P MainPID pilotage-dead-man)/smaps_rollup',
    );
    bed.say(`its memory: ${/Private_Dirty: +\d+ kB/.exec(memory.output)?.[0]}`);
    await vm.run('date -s "1 day"');
    bed.say('the clock is set one day forward');
    await vm.run('sleep 45', 90_000);
    await vm.run('date -s "2 days ago"');
    bed.say('and two days back');
    await vm.run('sleep 45', 90_000);
    const works = await vm.run(
      'pilotage-agent status --json | grep -o \'"phase": *"[a-z]*"\'; pgrep -c test-pilot',
    );
    bed.check('the VM works on', /"running"\n1\n$/.test(works.output), works.output);

    await vm.run('systemctl kill --kill-whom=main -s STOP pilotage-agent; date -s "1 day"');
    bed.say('SIGSTOP of the agent; the clock is set one day forward');
    const seconds = await waitForEnd(bed, vm, 60_000 + 10_000 + 120_000 + 60_000);
    bed.check('not before its bound', seconds >= 50, `${seconds.toFixed(1)} s`);
    const [first, ...more] = watchSaid(vm).filter(said => said.includes('powering off'));
    bed.check(
      'the watch ended it',
      /no progress for [67]\d s: .* in order/.test(first ?? ''),
      first,
    );
    bed.check('in order', more.length === 0, more.join('; '));
  },
};
