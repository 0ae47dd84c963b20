import { pollUntil } from '../../../support/poll-until.ts';
import type { Scenario } from '../../bed.ts';
import { patience, startReceiver } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile, TEST_PILOT } from '../../user-data.ts';

const NAME = 'pilots-readopted';
const INSTANCE = `i-${NAME}`;

const SITE = contextFile('50-site.yaml', {
  version: 1,
  pilots: {
    ...{ kind: 'command', command: [TEST_PILOT.path], slots: 'per-core' },
    backoff: { minimumRun: '1s', first: '1s' },
  },
  ending: { killGrace: '10s' },
  monitor: { tick: '2s' },
});

/** Restarts within systemd's limit, and kills within one command: no agent sees the pilot end. */
const KILL_AGENT_AND_PILOT =
  'systemctl kill --kill-whom=main -s KILL pilotage-agent; systemctl kill -s KILL pilotage-pilot-01-1';

const agentPid = async (vm: Machine): Promise<number> => {
  const shown = await vm.run('systemctl show -P MainPID pilotage-agent');
  return Number(shown.output);
};

/** Starts noted by the pilots themselves, and the processes that there are. */
const lookAtPilots = async (vm: Machine): Promise<string> => {
  const { output } = await vm.run(
    'cat /scratch/plt0?/starts; pgrep -f /usr/local/bin/test-pilot -U plt00,plt01 | sort',
  );
  return output.trim();
};

/** An agent that dies leaves its pilots running; the next one finds them. */
export const pilotsReadopted: Scenario = {
  name: NAME,
  smoke: false,
  title: 'the agent is killed, comes back, and starts no pilot twice',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, TEST_PILOT]),
      forwards: [forwardTo(receiver)],
    });
    const runningPilots = async () => {
      const seen = await receiver.show(INSTANCE);
      return seen?.pilots.filter(({ state }) => state === 'running').length === 2
        ? seen
        : undefined;
    };
    const before = await pollUntil(
      'two pilots are reported running',
      patience(600_000),
      runningPilots,
    );
    bed.say('contextualized, two pilots at work');
    const pilotsBefore = await lookAtPilots(vm);
    bed.check('two pilots started', pilotsBefore.match(/started/g)?.length === 2, pilotsBefore);

    const killed = await agentPid(vm);
    await vm.run(`kill -KILL ${killed}`);
    bed.say('agent killed by SIGKILL');
    const next = await pollUntil('systemd starts another agent', patience(60_000), async () => {
      const pid = await agentPid(vm);
      return pid !== 0 && pid !== killed ? pid : undefined;
    });
    bed.check('systemd brought it back', next !== killed);
    const after = await pollUntil('the new agent is at work', patience(120_000), async () => {
      const seen = await runningPilots();
      const isLater = (seen?.sequence ?? 0) > (before.sequence ?? 0) + 3;
      return isLater && seen?.state === 'running' ? seen : undefined;
    });
    bed.say('the new agent is at work');
    const pilotsAfter = await lookAtPilots(vm);
    bed.check('the same pilots run, none started twice', pilotsAfter === pilotsBefore, pilotsAfter);
    const generations = after.pilots.map(({ generation }) => generation).join();
    bed.check('they are adopted under their old names', generations === '1,1', generations);
    bed.check('it kept its credential', (await receiver.vms()).length === 1);

    await vm.run(KILL_AGENT_AND_PILOT);
    bed.say('agent killed once more, and a pilot while there is none');
    const replaced = await pollUntil('the lost pilot is replaced', patience(120_000), async () => {
      const seen = await runningPilots();
      return seen?.pilots[1]?.generation === 2 ? seen : undefined;
    });
    const exit = replaced.pilots[1]?.lastExit;
    bed.check('it knows how the pilot ended', exit === 'signal KILL', exit);
    const starts = await vm.run(
      'cat /scratch/plt00/starts | wc -l; cat /scratch/plt01/starts | wc -l',
    );
    bed.check('just that one was started anew', starts.output === '1\n2\n', starts.output);

    await receiver.operate(['halt', INSTANCE, '--reason', 'end of the test']);
    bed.say('halt sent by the operator');
    const reason = await vm.waitForExit(180_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
    const last = await receiver.show(INSTANCE);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
  },
};
