import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needAgentBinary } from '../support/agent-binary.ts';
import type { FolderVm } from '../support/folder-vm.ts';
import { type LocalReceiver, startLocalReceiver } from '../support/local-receiver.ts';
import { createMarker } from '../support/marked-processes.ts';
import type { Bench, BenchPorts, BenchResult } from './bench.ts';
import {
  type Bed,
  checkAtWork,
  type Subject,
  startBareNode,
  startIdleAgent,
} from './idle-subjects.ts';
import { median, round } from './median.ts';
import { type Watched, watchProcess } from './watch-process.ts';
import { checkWorking, PILOTS, startWorkingAgent } from './working-subject.ts';

const RUNS = 3;
const VERSION_RUNS = 10;
/** Contextualizing, enrolling and the first pilots are no part of the idle agent. */
const SETTLE_MS = 15_000;
const WINDOW_MS = 120_000;

/** What the agent is held to; megabytes are MiB, as /proc counts. */
const BOUNDS = {
  ...{ privateMb: 22, cpuMsPerMinute: 100, startMs: 500, versionMs: 120 },
  /** With every policy and reading, beside its pilots. */
  working: { privateMb: 26, cpuMsPerMinute: 150 },
} as const;

type Run = Watched & { startMs: number };

/** Pages of a file that is not on the disk yet would count as the agent's own memory. */
const settleOnDisk = (file: string): void => {
  const handle = openSync(file, 'r');
  fsyncSync(handle);
  closeSync(handle);
};

const measureVersion = (agent: string): number =>
  median(
    Array.from({ length: VERSION_RUNS }, () => {
      const startedMs = performance.now();
      execFileSync(agent, ['--version'], { stdio: 'ignore' });
      return performance.now() - startedMs;
    }),
  );

const middle = (runs: readonly Run[]) => ({
  privateMb: round(median(runs.map(({ privateMb }) => privateMb)), 1),
  cpuMsPerMinute: round(median(runs.map(({ cpuMsPerMinute }) => cpuMsPerMinute)), 0),
  startMs: round(median(runs.map(({ startMs }) => startMs)), 0),
});

const rounded = ({ privateMb, mostPrivateMb, cpuMsPerMinute, startMs }: Run) => ({
  privateMb: round(privateMb, 1),
  mostPrivateMb: round(mostPrivateMb, 1),
  cpuMsPerMinute: round(cpuMsPerMinute, 0),
  startMs: round(startMs, 0),
});

const workingOf = ({ privateMb, mostPrivateMb, cpuMsPerMinute }: Watched) => ({
  pilots: PILOTS,
  privateMb: round(privateMb, 1),
  mostPrivateMb: round(mostPrivateMb, 1),
  cpuMsPerMinute: round(cpuMsPerMinute, 0),
});

/**
 * Starts follow one another, each with the machine to itself. The windows then overlap: a process at
 * rest for all but some ms in ten seconds cannot help another, so overlapping never flatters, and
 * what else disturbs the machine meets agents and bare Nodes alike.
 */
const measure = async (agent: string, receiver: LocalReceiver, bed: Bed, ports: BenchPorts) => {
  const bare: Subject[] = [];
  const agents: (Subject & { vm: FolderVm })[] = [];
  for (let index = 1; index <= RUNS; index += 1) {
    bare.push(await startBareNode(`node-${index}`, bed));
    agents.push(await startIdleAgent(agent, `vm-${index}`, receiver, bed));
  }
  const working = await startWorkingAgent(agent, receiver, bed);
  ports.say(
    `${RUNS} idle agents, ${RUNS} bare Nodes and an agent with ${PILOTS} pilots run; ${WINDOW_MS / 1000} s are measured`,
  );
  const window = { afterMs: SETTLE_MS, lengthMs: WINDOW_MS, signal: bed.signal };
  const watch = async ({ program, startMs }: Subject): Promise<Run> => ({
    ...(await watchProcess(program, window)),
    startMs,
  });
  const [agentRuns, bareRuns, workingRun] = await Promise.all([
    Promise.all(agents.map(watch)),
    Promise.all(bare.map(watch)),
    watchProcess(working.agent, window),
  ]);
  for (const { vm } of agents) await checkAtWork(vm);
  await checkWorking(working);
  return { agentRuns, bareRuns, working: workingOf(workingRun) };
};

const run = async (ports: BenchPorts): Promise<BenchResult> => {
  const { say, signal } = ports;
  const agent = await needAgentBinary(say, signal);
  const { environment, ...marker } = createMarker('PILOTAGE_BENCH');
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-bench-'));
  try {
    settleOnDisk(agent);
    const versionMs = round(measureVersion(agent), 0);
    mkdirSync(join(folder, 'receiver'));
    const receiver = await startLocalReceiver({
      ...{ folder: join(folder, 'receiver'), environment, signal },
      ...{ pace: '60s', stallAfter: '10m' },
    });
    const bed = { folder, environment, signal };
    const { agentRuns, bareRuns, working } = await measure(agent, receiver, bed, ports);
    await receiver.stop();
    const found = { ...middle(agentRuns), versionMs };
    return {
      bench: 'agent-footprint',
      ...found,
      working,
      bareNode: middle(bareRuns),
      runs: agentRuns.map(rounded),
      bounds: BOUNDS,
      withinBounds:
        found.privateMb <= BOUNDS.privateMb &&
        found.cpuMsPerMinute <= BOUNDS.cpuMsPerMinute &&
        found.startMs <= BOUNDS.startMs &&
        found.versionMs <= BOUNDS.versionMs &&
        working.privateMb <= BOUNDS.working.privateMb &&
        working.cpuMsPerMinute <= BOUNDS.working.cpuMsPerMinute,
    };
  } finally {
    const left = await marker.end(2000);
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) say(`processes ${left.map(({ pid }) => pid).join(', ')} do not end`);
  }
};

export const agentFootprint: Bench = {
  name: 'agent-footprint',
  describe:
    'memory and processor time of the agent, idle and with 8 pilots, and its start, beside a bare Node; 3 minutes',
  run,
};
