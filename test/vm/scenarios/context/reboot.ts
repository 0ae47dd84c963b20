import type { Machine } from '../../machine.ts';
import { readMarkers } from './reports.ts';
import { type World, waitForPilots } from './story.ts';

const idsOf = (markers: readonly { step: { id: string } }[]): string =>
  markers.map(({ step }) => step.id).join(', ');

/** Reboots; only what a reboot loses may be done again. The machine after it. */
export const checkReboot = async (world: World): Promise<Machine> => {
  const { bed, vm, receiver, instanceId } = world;
  await vm.run('systemctl reboot --no-block');
  const reason = await vm.waitForExit(300_000);
  bed.check('it reboots', reason === 'guest-reset', reason);
  const sequence = (await receiver.show(instanceId))?.sequence ?? 0;
  const again = await bed.bootAgain(vm);
  await waitForPilots(world, sequence);
  bed.say('contextualized after the reboot, two pilots at work');
  const { output } = await again.run('cat /proc/sys/kernel/random/boot_id');
  const markers = await readMarkers(again);
  const done = markers.filter(({ bootId }) => bootId === output.trim());
  const spared = markers.filter(({ bootId }) => bootId !== output.trim());
  bed.say(`after the reboot done again: ${idsOf(done)}; spared: ${idsOf(spared)}`);
  const lost = markers.filter(({ step }) => step.lasts === 'boot');
  bed.check('what a reboot loses is done again, and no more', idsOf(done) === idsOf(lost));
  bed.check('some things last, some do not', done.length > 0 && spared.length > 0);
  return again;
};
