import type { Scenario } from '../../bed.ts';
import { bootAtWork } from './at-work.ts';

const NAME = 'ending-pid1-hangs';

/**
 * The kernel’s own watchdog stands for a device that this emulated machine lacks. Its time is made short, but not too
 * short for an emulated PID 1 on busy cores.
 */
const WATCHDOG = `modprobe softdog || exit 1
mkdir -p /run/systemd/system.conf.d
printf '[Manager]\\nRuntimeWatchdogSec=60s\\n' >/run/systemd/system.conf.d/90-test.conf
systemctl daemon-reexec
cat /sys/class/watchdog/watchdog0/state`;

/** Below all that runs in the VM there may be a watchdog device, which systemd feeds as we have it. */
export const endingPid1Hangs: Scenario = {
  name: NAME,
  smoke: false,
  title: 'PID 1 hangs: the watchdog device that it fed resets the VM',
  run: async bed => {
    const { vm } = await bootAtWork(bed, NAME, { ending: {} });
    const usual = await vm.run('systemctl show -P RuntimeWatchdogUSec -P RebootWatchdogUSec');
    bed.check('systemd would feed a device', usual.output === '5min\n10min\n', usual.output);
    const fed = await vm.run(WATCHDOG, 120_000);
    bed.check('it feeds one that is there', fed.output.trim() === 'active', fed.output);
    // What systemd does with that signal is to freeze.
    await vm.run('kill -SEGV 1');
    bed.say('PID 1 is made to hang');
    const reason = await vm.waitForExit(240_000);
    bed.check('the VM is reset', reason === 'guest-reset', reason);
  },
};
