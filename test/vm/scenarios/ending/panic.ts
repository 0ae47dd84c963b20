import type { Scenario } from '../../bed.ts';
import { bootAtWork } from './at-work.ts';

const NAME = 'ending-panic';
const INSTANCE = `i-${NAME}`;

/** The dead man's watch dies with the kernel. What comes up after it is no longer trusted with payloads. */
export const endingPanic: Scenario = {
  name: NAME,
  smoke: false,
  title: 'the kernel panics: the VM reboots, tells of it and ends; no pilot starts again',
  run: async bed => {
    const { vm, receiver, sequence } = await bootAtWork(bed, NAME, { ending: {} });
    const timeout = await vm.run('cat /proc/sys/kernel/panic');
    bed.check('a panic reboots', timeout.output === '10\n', timeout.output);
    // The answer never comes.
    const crash = vm.run('echo c >/proc/sysrq-trigger', 60_000).catch(() => undefined);
    const reason = await vm.waitForExit(120_000);
    await crash;
    bed.check('the kernel panicked', vm.console().includes('Kernel panic'));
    bed.check('the VM reboots by itself', reason === 'guest-reset', reason);

    const again = await bed.bootAgain(vm);
    const end = await again.waitForExit(600_000);
    bed.check('it powers itself off', end === 'guest-shutdown', end);
    const last = await receiver.show(INSTANCE);
    bed.check('it was heard of again', (last?.sequence ?? 0) > sequence, String(last?.sequence));
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
    bed.check(
      'and why',
      /^reboots: .*nobody had told it to/.test(last?.reason ?? ''),
      last?.reason,
    );
    const journal = again.journal();
    const isTold = journal.includes('"agent started"') && !journal.includes('"pilot started"');
    bed.check('no pilot was started again', isTold);
    const told = /pilotage: powering off: .*/.exec(again.console())?.[0];
    bed.say(`the console says: ${told}`);
  },
};
