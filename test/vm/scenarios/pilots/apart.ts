import type { Scenario } from '../../bed.ts';
import { runGuestChecks } from '../../guest-check.ts';
import { startReceiver } from '../../host-receiver.ts';
import { cloudConfig, forwardTo, receiverFile } from '../../user-data.ts';
import { waitForPilots } from '../context/story.ts';
import { ABUSES } from './abuses.ts';
import { FROM_OUTSIDE, SITE, viewsOf } from './apart-site.ts';
import { endureAbuse } from './endure-abuse.ts';
import { runPilotChecks, TASK_PILOT } from './task-pilot.ts';

const NAME = 'pilots-apart';
const INSTANCE = `i-${NAME}`;

/** Pilots are kept from the agent, from each other, and from taking more than is theirs. */
export const pilotsApart: Scenario = {
  name: NAME,
  smoke: true,
  title: 'users, groups, limits, views, and four abuses that are contained and reaped',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, TASK_PILOT]),
      forwards: [forwardTo(receiver)],
      disks: [{ serial: 'scratch0', sizeMb: 1500 }],
    });
    await waitForPilots({ receiver, instanceId: INSTANCE });
    bed.say('contextualized, two pilots at work');
    const world = { bed, vm, receiver, instanceId: INSTANCE };
    await runGuestChecks(bed, vm, FROM_OUTSIDE);
    await runPilotChecks(bed, vm, 'plt00', viewsOf('00', '01'));
    for (const abuse of ABUSES) await endureAbuse(world, abuse);

    await receiver.operate(['drain', INSTANCE, '--reason', 'end of the test']);
    bed.say('drain sent by the operator');
    const reason = await vm.waitForExit(180_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
    const last = await receiver.show(INSTANCE);
    const exits = (last?.pilots ?? []).map(({ lastExit }) => lastExit).join(', ');
    bed.check(
      'the pilots saw the drain, and finished by themselves',
      exits === 'exit 0, exit 0',
      exits,
    );
  },
};
