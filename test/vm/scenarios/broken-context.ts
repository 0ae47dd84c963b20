import { pollUntil } from '../../support/poll-until.ts';
import type { Scenario } from '../bed.ts';
import { patience, startReceiver } from '../host-receiver.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile } from '../user-data.ts';

const NAME = 'broken-context';
const INSTANCE = `i-${NAME}`;
const HOLD_MS = 30_000;

/** What a site may well write: a key that is none. */
const BROKEN = contextFile('50-site.yaml', {
  version: 1,
  piltos: { kind: 'command', command: ['/bin/true'] },
});

/** A VM that cannot work says so wherever it can, and is no cause of a loop of boots. */
export const brokenContext: Scenario = {
  name: NAME,
  smoke: true,
  title: 'a broken context is told, the VM held and then powered off',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver, { hold: `${HOLD_MS / 1000}s` }), BROKEN]),
      forwards: [forwardTo(receiver)],
    });
    const [told] = await vm.waitForConsole(/pilotage: .*piltos.*/, 300_000);
    const toldMs = performance.now();
    bed.say('the console says why');
    bed.check('it names the file', told.includes('50-site.yaml'), told);
    const seen = await pollUntil(
      'the receiver hears that it failed',
      patience(60_000),
      async () => {
        const vm = await receiver.show(INSTANCE);
        return vm?.reportedState === 'failed' ? vm : undefined;
      },
    );
    bed.check('the receiver knows why', seen.reason.includes('piltos'), seen.reason);
    const state = await vm.run('systemctl show -p ActiveState -p NRestarts pilotage-agent | sort');
    const atPost = state.output === 'ActiveState=active\nNRestarts=0\n';
    bed.check('the agent stays at its post', atPost, state.output);
    const why = await vm.run('pilotage-agent why');
    bed.check('`why` explains it inside', why.output.includes('piltos'), why.output);

    const reason = await vm.waitForExit(HOLD_MS + 120_000);
    const heldMs = performance.now() - toldMs;
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
    const seconds = `${(heldMs / 1000).toFixed(1)} s`;
    bed.check(`not before it was held for ${HOLD_MS / 1000} s`, heldMs >= HOLD_MS - 2000, seconds);
    const last = await receiver.show(INSTANCE);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
    bed.check('and why', last?.reason.includes('piltos') === true, last?.reason);
  },
};
