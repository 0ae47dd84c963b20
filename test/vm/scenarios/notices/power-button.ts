import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed, Scenario } from '../../bed.ts';
import { type HostReceiver, patience, startReceiver } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile } from '../../user-data.ts';
import { ENDED_WELL, SAVING_S, SLOW_PILOT } from './slow-pilot.ts';

const NAME = 'notices-power-button';
const INSTANCE = `i-${NAME}`;

const SITE = contextFile('50-site.yaml', {
  version: 1,
  pilots: { kind: 'command', command: [SLOW_PILOT.path], slots: 'whole-node' },
  ending: { killGrace: '2m', farewell: '15s', systemStop: '150s' },
  policies: { zeroLoad: false, noPayloads: false },
  monitor: { tick: '10s' },
});

const waitForPilot = (receiver: HostReceiver, afterSequence = 0) =>
  pollUntil('a pilot is reported running', patience(1_200_000), async () => {
    const seen = await receiver.show(INSTANCE);
    const isNew = (seen?.sequence ?? 0) > afterSequence;
    const isAtWork = seen?.reportedState === 'running' && seen.pilots[0]?.state === 'running';
    return isNew && isAtWork ? seen : undefined;
  });

/** A SIGTERM that means the agent alone. */
const checkRestart = async (bed: Bed, vm: Machine, receiver: HostReceiver): Promise<void> => {
  const before = await receiver.show(INSTANCE);
  await vm.run('systemctl restart pilotage-agent');
  const after = await waitForPilot(receiver, (before?.sequence ?? 0) + 1);
  const generation = after.pilots[0]?.generation;
  bed.check('a restart of the agent leaves its pilot alone', generation === 1, `${generation}`);
  const out = await vm.run('cat /var/log/pilotage/00-1.out');
  bed.check('which was told nothing', !out.output.includes('told to end'), out.output);
};

/** Where in the journal systemd and the agent say what; the first place behind another. */
const placeOf = (journal: string, pattern: RegExp, from: number): number => {
  const found = journal.slice(from).search(pattern);
  return found < 0 ? -1 : from + found;
};

const checkOrder = (bed: Bed, journal: string): void => {
  const from = placeOf(journal, /the system is stopping/, 0);
  bed.check('the agent knows that the system stops', from >= 0, journal.slice(-2000));
  const pilot = placeOf(journal, /pilotage-pilot-00-1\.service: Deactivated/, from);
  const farewell = placeOf(journal, /farewell/, from);
  const agent = placeOf(journal, /Stopped pilotage-agent\.service/, from);
  const seen = `system ${from}, pilot ${pilot}, farewell ${farewell}, agent ${agent}`;
  bed.check('the pilot ended before the agent', from < pilot && pilot < agent, seen);
  bed.check('which said farewell in between', pilot < farewell && farewell < agent, seen);
  const forced = placeOf(journal, /Stopping pilotage-pilot-00-1\.service/, from);
  bed.check('systemd had no pilot to stop', forced < 0, journal.slice(forced, forced + 200));
};

/** The button as clouds press it, while a pilot has work to save. */
export const noticesPowerButton: Scenario = {
  name: NAME,
  smoke: false,
  title: `ACPI's power button, with a pilot that needs ${SAVING_S} s to end well`,
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, SLOW_PILOT]),
      forwards: [forwardTo(receiver)],
    });
    await waitForPilot(receiver);
    bed.say('contextualized, a pilot at work');
    await checkRestart(bed, vm, receiver);

    const before = bed.elapsedMs();
    await vm.powerButton();
    bed.say('the power button is pressed');
    const reason = await vm.waitForExit(300_000);
    const tookMs = bed.elapsedMs() - before;
    bed.say(`off ${(tookMs / 1000).toFixed(0)} s after the button`);
    bed.check('it goes off', reason === 'guest-shutdown', reason);
    bed.check('not before the pilot had its time', tookMs > SAVING_S * 1000, `${tookMs} ms`);
    const last = await receiver.show(INSTANCE);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
    const told = last?.shutdownMessage ?? 'nothing';
    bed.check('because the system stopped', told.includes('the system is stopping'), told);
    const exit = last?.pilots[0]?.lastExit;
    bed.check('the pilot ended by itself', exit === 'exit 0', exit);
    const log = await receiver.operate(['logs', INSTANCE, '--source', '00-1.out']);
    bed.check('and had the time that it needs', ENDED_WELL.test(log), log.slice(-200));
    checkOrder(bed, vm.journal());
  },
};
