import { messageOf } from '../../../platform/errors.ts';
import type { Bed } from '../bed.ts';
import { type HostReceiver, startReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { forwardTo } from '../user-data.ts';
import type { Deed, Fault, Strike } from './fault.ts';
import { faultLine, judgeFault } from './judge-fault.ts';
import { type KeptMachine, receiverFolder } from './kept-machine.ts';
import { type Link, startLink } from './link.ts';
import { AGENT_PROCESSES, strikeAt } from './moments.ts';
import { TELLING_FILE } from './payload.ts';
import { readStory, tellStory } from './read-story.ts';
import { startAgent } from './start-agent.ts';
import type { Cloud, Place, World } from './worlds.ts';

/** Where a fault begins. */
export interface Beginning {
  world: World;
  place: Place;
  kept: KeptMachine;
}

interface Surroundings {
  vm: Machine;
  receiver: HostReceiver;
  link: Link;
  instanceId: string;
  cloud: Cloud | undefined;
}

/** How long a moment may take to come, on emulated and busy cores. */
const MOMENT_MS = 300_000;
/** One that does not keep its bound is waited for all the same, so that its end is known: this many bounds. */
const LATEST = 3;

/** The part of a deed that is done inside, in the breath in which the moment is seen. */
export const insideOf = (deed: Deed): string => {
  switch (deed.kind) {
    case 'signal':
      return `read -r pid <${AGENT_PROCESSES} && kill -${deed.signal} "$pid"`;
    case 'inside':
      return deed.command;
    default:
      return ':';
  }
};

/** As clouds write a moment: a deadline stands in it as it is at the time of the deed. */
const textOf = (says: string | undefined, nowMs: number): string | undefined =>
  says?.replaceAll(/\+(\d+)s/g, (_, seconds: string) =>
    new Date(nowMs + Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
  );

const doOutside = async (deed: Deed, { receiver, link, cloud, instanceId }: Surroundings) => {
  switch (deed.kind) {
    case 'link':
      return link.carry(deed.mode);
    case 'receiver':
      return receiver.signal(`SIG${deed.signal}`);
    case 'order':
      return void (await receiver.operate([deed.order, instanceId, '--reason', 'end of the test']));
    case 'cloud':
      return cloud?.tell(deed.path, textOf(deed.says, Date.now()));
    case 'wait':
      return new Promise<void>(resolve => setTimeout(resolve, deed.seconds * 1000));
    case 'signal':
    case 'inside':
      return undefined;
  }
};

const strike = async ({ at, does }: Strike, around: Surroundings): Promise<void> => {
  const isInside = at !== undefined || does.kind === 'signal' || does.kind === 'inside';
  if (isInside) {
    const done = await around.vm.run(strikeAt(at, insideOf(does)), MOMENT_MS);
    if (done.exitCode !== 0) throw new Error(`it could not be done: ${done.output}`);
  }
  await doOutside(does, around);
};

/** How long after the bound its hard end lies: what its life time ends, the bound did not foresee. */
const HARD_END_MARGIN_S = 240;

const begin = async (
  bed: Bed,
  fault: Fault,
  { world, place: { boot, cloud }, kept }: Beginning,
): Promise<Surroundings> => {
  const receiver = await startReceiver(bed, { pace: '1s', folder: receiverFolder(bed, kept) });
  const link = await startLink(bed, receiver);
  const hasLink = fault.strikes.some(({ does }) => does.kind === 'link');
  const { port } = hasLink ? link : receiver;
  const forwards = [...boot.forwards, forwardTo({ port }, world.receiverAddress)];
  const vm = await bed.resume({ ...boot, forwards }, kept.disk, kept.state);
  if (kept.receiver !== undefined) await vm.run(`echo ${fault.payload} >${TELLING_FILE}`);
  else {
    const site = { ...fault, latestS: fault.boundS + HARD_END_MARGIN_S };
    await startAgent(vm, world, receiver, site, fault.before);
  }
  return { vm, receiver, link, cloud, instanceId: world.instanceId };
};

/** One fault in a machine of its own: strikes, waits for the end, holds it against the list, and says its line. */
export const runFault = async (bed: Bed, fault: Fault, from: Beginning): Promise<void> => {
  let line = faultLine(fault, 'it was never struck', undefined, false);
  try {
    const around = await begin(bed, fault, from);
    const { vm, receiver, link, instanceId } = around;
    let struckMs: number | undefined;
    for (const each of fault.strikes) {
      await strike(each, around);
      struckMs ??= performance.now();
      bed.say(
        `${each.at === undefined ? 'then' : `when ${each.at}`}: ${JSON.stringify(each.does)}`,
      );
    }
    const sinceMs = (): number => performance.now() - (struckMs ?? 0);
    const exit = await vm
      .waitForExit(Math.max(1, fault.boundS * 1000 * LATEST - sinceMs()))
      .catch((error: unknown) => void bed.say(messageOf(error)));
    const seconds = sinceMs() / 1000;
    const told = `${vm.journal()}\n${vm.console()}`;
    const story = readStory(vm.journal(), vm.console());
    const starts = from.kept.receiver === undefined ? 1 : 0;
    const heard =
      fault.expected.heard === undefined
        ? undefined
        : (await receiver.show(instanceId))?.reportedState;
    const end = { story, exit, seconds, heard: heard ?? undefined, told };
    const checks = judgeFault(fault, end);
    for (const { what, holds, seen } of checks) bed.check(what, holds, seen);
    if (fault.strikes.some(({ does }) => does.kind === 'link'))
      bed.check('messages were carried badly', link.mistreated() >= 2, `${link.mistreated()}`);
    line = faultLine(
      fault,
      tellStory(story, starts),
      exit === undefined ? undefined : seconds,
      checks[0]?.holds === true,
    );
  } finally {
    bed.say(line);
    bed.conclude(line);
  }
};
