import type { Scenario } from '../../bed.ts';
import { bootAtWork, waitForEnd, watchSaid } from './at-work.ts';

const NAME = 'ending-stop-ignored';

/** A service that is never done with stopping, and that systemd was told to wait for. */
const STUBBORN = {
  path: '/etc/systemd/system/stubborn.service',
  permissions: '0644',
  content: `[Service]
ExecStart=/bin/sleep infinity
ExecStop=/bin/sleep infinity
TimeoutStopSec=infinity
`,
};

/** systemd takes the power-off, ends the agent, and then waits for ever. */
export const endingStopIgnored: Scenario = {
  name: NAME,
  smoke: false,
  title: 'a halt, and a service that never stops: the power-off is forced',
  run: async bed => {
    const { vm, receiver } = await bootAtWork(bed, NAME, {
      ending: { powerOff: '30s' },
      files: [STUBBORN],
    });
    await vm.run('systemctl start stubborn');
    await receiver.operate(['halt', `i-${NAME}`, '--reason', 'end of the test']);
    bed.say('halt sent by the operator');
    await vm.waitForConsole(/pilotage: powering off: .*/, 120_000);
    bed.say('the agent powers off');
    const seconds = await waitForEnd(bed, vm, 30_000 + 30_000 + 10_000 + 30_000 + 30_000);
    bed.check('it was given its time', seconds >= 50, `${seconds.toFixed(1)} s`);
    const ended = watchSaid(vm).filter(said => said.includes('powering off'));
    bed.check('the watch forced it', /by force/.test(ended[0] ?? ''), ended.join('; '));
    const last = await receiver.show(`i-${NAME}`);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
  },
};
