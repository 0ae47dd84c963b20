import type { CloudFacts, SourceName } from '../../../../agent/context/sources/source.ts';
import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed, Scenario } from '../../bed.ts';
import { type GuestCheck, runGuestChecks } from '../../guest-check.ts';
import { type HostReceiver, patience, startReceiver } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import { checkReboot } from './reboot.ts';
import { checkDoctor, checkSecondRun, checkSteps, readSource } from './reports.ts';

/** A machine of a cloud, contextualized and at work. */
export interface World {
  bed: Bed;
  vm: Machine;
  receiver: HostReceiver;
  instanceId: string;
}

export interface Booted {
  vm: Machine;
  /** What this cloud alone has to show, once the VM is at work. */
  also?: (world: World) => Promise<void>;
}

/** How one cloud hands over a context, and what must come of it. */
export interface ContextStory {
  name: `context-${string}`;
  title: string;
  /** Boots the machine with the cloud's hardware, user-data and forwards. */
  boot(bed: Bed, receiver: HostReceiver): Promise<Booted>;
  instanceId: string;
  /** cloud-init's own name for where it found its data, e.g. `DataSourceNoCloud`. */
  datasource: string;
  /** Sources that the agent must detect, in their order. */
  detects: readonly SourceName[];
  /** Of these the user-data must be. */
  userDataFrom: SourceName;
  facts: Readonly<CloudFacts>;
  /** Looked at in the guest once it is at work. */
  checks: readonly GuestCheck[];
  /** Reboots it, to see what is done again. */
  reboots?: true;
  /** It runs where no scenario is named: what a single cloud alone shows. */
  smoke?: true;
}

/** Emulated guests on busy cores need minutes to boot. */
const BOOT_MS = 600_000;

/** Waits until both pilots run and are heard of, in a heartbeat after the given one. */
export const waitForPilots = (
  { receiver, instanceId }: Pick<World, 'receiver' | 'instanceId'>,
  afterSequence = 0,
) =>
  pollUntil('two pilots are reported running', patience(BOOT_MS), async () => {
    const seen = await receiver.show(instanceId);
    if (seen?.reportedState === 'failed') throw new Error(`it has failed: ${seen.reason}`);
    const running = seen?.pilots.filter(({ state }) => state === 'running').length;
    // Before it is contextualized, an agent after a reboot tells of the pilots that it remembers.
    const isAtWork = seen?.reportedState === 'running' && running === 2;
    return isAtWork && (seen.sequence ?? 0) > afterSequence ? seen : undefined;
  });

const checkSource = async (story: ContextStory, { bed, vm }: World): Promise<void> => {
  const { output } = await vm.run('cat /var/lib/cloud/instance/datasource');
  const source = await readSource(vm);
  const told = source.detected.map(({ name, because }) => `${name} (${because})`).join(', ');
  const { userData, facts, failures } = source;
  bed.say(`cloud detected: ${told}; user-data: ${userData?.bytes} bytes from ${userData?.from}`);
  bed.say(`cloud-init took ${output.trim()}; the cloud says ${JSON.stringify(facts)}`);
  bed.check(`cloud-init took ${story.datasource}`, output.includes(story.datasource), output);
  const names = source.detected.map(({ name }) => name).join(', ');
  bed.check(
    `the agent detects ${story.detects.join(', ')}`,
    names === story.detects.join(', '),
    told,
  );
  bed.check(`user-data is from ${story.userDataFrom}`, userData?.from === story.userDataFrom);
  bed.check('no source failed', failures.length === 0, JSON.stringify(failures));
  for (const [fact, value] of Object.entries(story.facts)) {
    const seen = facts[fact as keyof CloudFacts];
    bed.check(`${fact} is ${value}`, seen === value, seen ?? 'unknown');
  }
};

const end = async ({ bed, vm, receiver, instanceId }: World): Promise<void> => {
  await receiver.operate(['drain', instanceId, '--reason', 'end of the test']);
  bed.say('drain sent by the operator');
  const reason = await vm.waitForExit(300_000);
  bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  const last = await receiver.show(instanceId);
  // What becomes of it in its cloud from then on is the receiver's to follow.
  const word = last?.reportedState ?? 'nothing';
  bed.check('its last word was that it has halted', word === 'halted', word);
};

/** A VM of one cloud: contextualized from its user-data, examined, contextualized again, drained. */
export const contextScenario = (story: ContextStory): Scenario => ({
  name: story.name,
  smoke: story.smoke === true,
  title: story.title,
  run: async bed => {
    const receiver = await startReceiver(bed);
    const { vm, also } = await story.boot(bed, receiver);
    const world = { bed, vm, receiver, instanceId: story.instanceId };
    await waitForPilots(world);
    bed.say('contextualized, two pilots at work');
    await checkSource(story, world);
    await checkSteps(bed, vm);
    await checkDoctor(bed, vm);
    await runGuestChecks(bed, vm, story.checks);
    await checkSecondRun(bed, vm);
    await also?.(world);
    const last = story.reboots === true ? { ...world, vm: await checkReboot(world) } : world;
    await end(last);
  },
});
