import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, digestOf } from '../../support/cache-folder.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { Bed } from '../bed.ts';
import { patience, startReceiver } from '../host-receiver.ts';
import { forwardTo } from '../user-data.ts';
import { MOMENTS } from './moments.ts';
import { startAgent } from './start-agent.ts';
import type { Place, World } from './worlds.ts';

/** A running machine as it was at one moment: its disk, with the state on it under this name. */
export interface KeptMachine {
  disk: string;
  state: string;
  /** The files of its receiver as they were then: its agent's heartbeats are numbered from there on. */
  receiver?: string;
}

const DISK = 'disk.qcow2';
const RECEIVER = 'receiver';
const BOOT_MS = 600_000;
/** Two worlds, two versions of each. */
const KEPT = 4;
/** What the machine at work follows from, beside the one that was booted. */
const AT_WORK = ['kept-machine.ts', 'start-agent.ts', 'site.ts', 'payload.ts'];

const readSources = (names: readonly string[]): Buffer[] =>
  names.map(name => readFileSync(join(import.meta.dirname, name)));

const bootedKey = (bed: Bed, place: Place): string => {
  const { forwards: _, ...machine } = place.boot;
  return digestOf([
    bed.image.disk,
    JSON.stringify(machine),
    SETTLE,
    ...readSources(['../qemu-command.ts']),
  ]);
};

/** The binary comes into the page cache: no fault is to wait for an emulated disk. */
const SETTLE = `systemctl is-system-running --wait
pilotage-agent --version
sync`;

/** Boots a machine up to the moment before its agent starts. Kept between runs while nothing changes. */
export const keepBooted = async (bed: Bed, place: Place): Promise<KeptMachine> => {
  const state = 'booted';
  const make = async (target: string): Promise<void> => {
    const vm = await bed.boot(place.boot);
    await vm.waitForConsole(/Cloud-init .* finished at/, BOOT_MS);
    await vm.run(SETTLE, 180_000);
    await vm.saveState(state);
    await vm.powerKill();
    copyFileSync(vm.disk, join(target, DISK));
    bed.say('the machine is kept as it is before its agent starts');
  };
  const folder = await cachedFolder('vm-booted', bootedKey(bed, place), make, KEPT);
  return { disk: join(folder, DISK), state };
};

/**
 * The same machine once its agent is at work, with a payload that waits to be told what it is. Its receiver is
 * ended first: connections do not outlive the machine, and an agent without one soon asks for another.
 */
export const keepAtWork = async (
  bed: Bed,
  world: World,
  place: Place,
  booted: KeptMachine,
): Promise<KeptMachine> => {
  const state = 'at-work';
  const make = async (target: string): Promise<void> => {
    const files = join(target, RECEIVER);
    const receiver = await startReceiver(bed, { folder: files });
    const forwards = [...place.boot.forwards, forwardTo(receiver, world.receiverAddress)];
    const vm = await bed.resume({ ...place.boot, forwards }, booted.disk, booted.state);
    await startAgent(vm, world, receiver, { payload: 'told', latestS: 900 });
    await pollUntil('the payload waits', patience(BOOT_MS), async () => {
      const seen = await receiver.show(world.instanceId);
      const isAtWork = seen?.pilots.some(({ state }) => state === 'running') === true;
      return isAtWork && (await vm.run(MOMENTS['the payload waits'])).exitCode === 0
        ? true
        : undefined;
    });
    await receiver.stop();
    await vm.saveState(state);
    await vm.powerKill();
    copyFileSync(vm.disk, join(target, DISK));
    bed.say('the machine is kept as it is once its agent is at work');
  };
  const key = digestOf([bootedKey(bed, place), ...readSources(AT_WORK)]);
  const folder = await cachedFolder('vm-at-work', key, make, KEPT);
  return { disk: join(folder, DISK), state, receiver: join(folder, RECEIVER) };
};

/** A folder for a receiver that goes on with the machine, or begins anew with it. */
export const receiverFolder = (bed: Bed, { receiver }: KeptMachine): string => {
  const folder = join(bed.folder, RECEIVER);
  if (receiver !== undefined) cpSync(receiver, folder, { recursive: true });
  return folder;
};
