import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed, BootSpec } from '../../bed.ts';
import { type HostReceiver, patience, startReceiver } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import {
  cloudConfig,
  contextFile,
  forwardTo,
  type GuestFile,
  receiverFile,
  TEST_PILOT,
} from '../../user-data.ts';

/** Emulated guests on busy cores need minutes to boot. */
const BOOT_MS = 600_000;

export interface AtWork {
  vm: Machine;
  receiver: HostReceiver;
  /** The heartbeat by which it was known to be at work. */
  sequence: number;
}

/** Waits until the pilot runs and is heard of, in a heartbeat after the given one. */
export const waitForPilot = (receiver: HostReceiver, instance: string, afterSequence = 0) =>
  pollUntil('a pilot is reported running', patience(BOOT_MS), async () => {
    const seen = await receiver.show(instance);
    const isAtWork =
      seen?.reportedState === 'running' && seen.pilots.some(({ state }) => state === 'running');
    return isAtWork && (seen.sequence ?? 0) > afterSequence ? seen : undefined;
  });

/** Boots a VM with one pilot that has a payload until it is told that its VM ends. */
export const bootAtWork = async (
  bed: Bed,
  name: string,
  {
    ending,
    files = [],
    ...more
  }: { ending: object; files?: readonly GuestFile[] } & Pick<BootSpec, 'disks'>,
): Promise<AtWork> => {
  const receiver = await startReceiver(bed);
  const site = contextFile('50-site.yaml', {
    version: 1,
    checks: { skip: ['squid', 'dns', 'cvmfs'] },
    pilots: { kind: 'command', command: [TEST_PILOT.path], slots: 'whole-node' },
    ending: { killGrace: '10s', farewell: '10s', ...ending },
    monitor: { tick: '2s' },
  });
  const vm = await bed.boot({
    name,
    userData: cloudConfig([receiverFile(receiver), site, TEST_PILOT, ...files]),
    forwards: [forwardTo(receiver)],
    ...more,
  });
  const { sequence } = await waitForPilot(receiver, `i-${name}`);
  bed.say('contextualized, a pilot at work');
  return { vm, receiver, sequence: sequence ?? 0 };
};

/** What is below the dead man's watch is put off, so that it is seen to suffice by itself. */
const NOTHING_BELOW = `folder=/run/systemd/system/pilotage-agent.service.d
mkdir -p $folder && printf '%s\\n' '[Unit]' StartLimitAction=none '[Service]' WatchdogSec=0 >$folder/50-test.conf
systemctl daemon-reload && systemctl restart pilotage-agent`;

export const putOffBelow = async (bed: Bed, name: string, at: AtWork): Promise<void> => {
  const { exitCode, output } = await at.vm.run(NOTHING_BELOW, 120_000);
  bed.check('systemd neither watches the agent nor counts its starts', exitCode === 0, output);
  const before = (await at.receiver.show(`i-${name}`))?.sequence;
  await waitForPilot(at.receiver, `i-${name}`, before ?? 0);
};

/** What the dead man's watch has told on the console, in its order. */
export const watchSaid = (vm: Machine): string[] =>
  [...vm.console().matchAll(/pilotage-dead-man: (.*)/g)].map(([, said]) => (said ?? '').trim());

/** Waits for the end, and tells how long it took. */
export const waitForEnd = async (bed: Bed, vm: Machine, boundMs: number): Promise<number> => {
  const begun = performance.now();
  const reason = await vm.waitForExit(boundMs);
  const seconds = (performance.now() - begun) / 1000;
  for (const said of watchSaid(vm)) bed.say(`the watch said: ${said}`);
  bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  bed.say(`it took ${seconds.toFixed(1)} s of ${boundMs / 1000} s`);
  return seconds;
};
