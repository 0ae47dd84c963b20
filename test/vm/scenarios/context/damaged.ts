import { gzipSync } from 'node:zlib';
import type { Scenario } from '../../bed.ts';
import { configDriveHardware } from '../../hardware/config-drive.ts';
import { startReceiver } from '../../host-receiver.ts';
import { forwardTo, receiverContext } from '../../user-data.ts';
import { contextText, SITE } from './site.ts';

const NAME = 'context-damaged';

/** What was cut off on its way: nothing of it can be believed, not even where the receiver is. */
export const contextDamaged: Scenario = {
  name: NAME,
  smoke: false,
  title: 'a compressed context that was cut off: told on the console, held, powered off',
  run: async bed => {
    const receiver = await startReceiver(bed);
    // A lifeline within it is as lost as the rest; the hold is the default, so the test does not wait.
    const whole = gzipSync(contextText(SITE, receiverContext(receiver)));
    const vm = await bed.boot({
      name: NAME,
      hardware: configDriveHardware(whole.subarray(0, whole.length - 40)),
      forwards: [forwardTo(receiver)],
    });
    const [told] = await vm.waitForConsole(/pilotage: failed: .*gzip.*\n/, 600_000);
    bed.say(told.trim());
    bed.check('the console says what is wrong', /it was cut off or changed/.test(told), told);
    const why = await vm.run('pilotage-agent why', 180_000);
    bed.check('`why` explains it inside', why.output.includes('gzip'), why.output);
    const state = await vm.run('systemctl show -P ActiveState pilotage-agent');
    bed.check('the agent holds it', state.output.trim() === 'active', state.output);
    const heard = (await receiver.vms()).length;
    bed.check('no receiver could be told', heard === 0, String(heard));
    await vm.run('pilotage-agent halt --reason "end of the test"', 180_000);
    const reason = await vm.waitForExit(300_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  },
};
