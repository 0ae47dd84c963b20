import { statSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../agent/paths.ts';
import { type Program, startProgram } from '../support/child-program.ts';
import { type FolderVm, startFolderVm } from '../support/folder-vm.ts';
import type { LocalReceiver } from '../support/local-receiver.ts';
import { pollUntil } from '../support/poll-until.ts';

/** Where the measured processes live. */
export interface Bed {
  folder: string;
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** A process at rest, and how long it took to be ready, ms. */
export interface Subject {
  program: Program;
  startMs: number;
}

const START_TIMEOUT_MS = 30_000;
/** Finer than what is measured; the time itself is taken from a file. */
const LOOK_EVERY_MS = 5;

/** One pilot that sleeps, ticks every 10 s as by default, no policy that could fire. */
const PILOTS = { kind: 'command', command: ['/bin/sleep', '100000'], slots: 'whole-node' };
const POLICIES = { zeroLoad: false, noPayloads: false };

/** From the start of a program until a file of its own was last written, ms. */
const startMsOf = ({ spawnedMs }: Program, path: string): number =>
  statSync(path).mtimeMs - spawnedMs;

/** An agent whose first tick is done and whose pilot runs. */
export const startIdleAgent = async (
  agent: string,
  name: string,
  { url, enrolmentSecret }: LocalReceiver,
  bed: Bed,
): Promise<Subject & { vm: FolderVm }> => {
  const vm = await startFolderVm({
    ...{ folder: bed.folder, environment: bed.environment, name, agent },
    receiver: { url, enrolmentSecret },
    identity: { site: 'BENCH' },
    context: { policies: POLICIES, pilots: { ...PILOTS, environment: bed.environment } },
  });
  const timing = { timeoutMs: START_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal: bed.signal };
  const startMs = await pollUntil(`${name}'s first tick`, timing, async () => {
    const status = await vm.status();
    if (status === undefined || status.ticks < 1) return undefined;
    return startMsOf(vm.agent, join(vm.root, PATHS.status));
  });
  await pollUntil(`${name} is at work`, timing, async () =>
    (await vm.status())?.pilots.some(({ state }) => state === 'running') ? true : undefined,
  );
  return { program: vm.agent, startMs, vm };
};

/** The same Node with nothing to do: what no program on it can be below. */
export const startBareNode = async (name: string, bed: Bed): Promise<Subject> => {
  const ready = join(bed.folder, `${name}.ready`);
  const script = `require('node:fs').writeFileSync(${JSON.stringify(ready)}, 'ready'); setInterval(() => {}, 1e9)`;
  const program = await startProgram({
    command: [process.execPath, '-e', script],
    logFile: join(bed.folder, `${name}.log`),
    environment: bed.environment,
  });
  const timing = { timeoutMs: START_TIMEOUT_MS, everyMs: LOOK_EVERY_MS, signal: bed.signal };
  const startMs = await pollUntil(`${name} is ready`, timing, () => {
    const stat = statSync(ready, { throwIfNoEntry: false });
    return stat === undefined || stat.size === 0 ? undefined : startMsOf(program, ready);
  });
  return { program, startMs };
};

/** @throws Error if an agent was not at its usual work for two minutes: then nothing was measured */
export const checkAtWork = async ({ name, agent, status }: FolderVm): Promise<void> => {
  const seen = await status();
  const heartbeats = seen?.receiver?.acknowledgedHeartbeats ?? 0;
  const ticks = seen?.ticks ?? 0;
  const running = seen?.pilots.filter(({ state }) => state === 'running').length ?? 0;
  if (agent.ended() === undefined && heartbeats >= 3 && ticks >= 12 && running > 0) return;
  throw new Error(
    `${name} was not at its usual work: ${heartbeats} heartbeats, ${ticks} ticks, ` +
      `${running} pilots, agent ${agent.ended() ?? 'running'}\n${agent.tail(10)}`,
  );
};
