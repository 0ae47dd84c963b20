import { accessSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../support/child-program.ts';
import type { Bench, BenchPorts, BenchResult } from './bench.ts';
import { median, round } from './median.ts';
import {
  bundleSubjects,
  runSubject,
  type StartRun,
  type Subject,
  type SubjectSpec,
} from './pilot-start/run-subject.ts';
import { watchProcess } from './watch-process.ts';

const CHILDREN = 64;
const ROUNDS = 7;
/** Long enough for several ticks. */
const WINDOW_MS = 60_000;

/** The ratio is that of the start; the others are processor time of the agent, ms in a minute. */
const BOUNDS = { ratio: 1.5, idleCpuMsPerMinute: 1000, chattyCpuMsPerMinute: 6000 } as const;

const IDLE = 'exec sleep 100000';
/** 64 of these write 10 MB/s in all. */
const CHATTY = `exec perl -e '$| = 1; my $text = ("x" x 99 . "\\n") x 164; while (1) { print $text; select undef, undef, undef, 0.105 }'`;

/** Where a machine has its memory; the folder on disk where there is none. */
const memoryFolder = (disk: string): string => {
  try {
    accessSync('/dev/shm');
    return mkdtempSync('/dev/shm/pilotage-bench-');
  } catch {
    const folder = join(disk, 'memory');
    mkdirSync(folder);
    return folder;
  }
};

const middle = (runs: readonly StartRun[]) => ({
  ms: round(median(runs.map(({ wallMs }) => wallMs)), 1),
  cpuMs: round(median(runs.map(({ cpuMs }) => cpuMs)), 0),
});

type Start = <T>(
  subject: Subject,
  script: string,
  meanwhile: (program: Program) => Promise<T>,
) => Promise<StartRun & { seen: T }>;

/** Turn by turn, so that what else the machine does meets both alike. */
const compare = async (start: Start, { say }: BenchPorts) => {
  const runs: Record<Subject, StartRun[]> = { agent: [], 'bare-node': [] };
  for (let turn = 1; turn <= ROUNDS; turn += 1)
    for (const subject of ['bare-node', 'agent'] as const) {
      const run = await start(subject, IDLE, async () => undefined);
      runs[subject].push(run);
      say(`${turn}/${ROUNDS} ${subject}: ${round(run.wallMs, 0)} ms`);
    }
  return { agent: middle(runs.agent), bareNode: middle(runs['bare-node']) };
};

const run = async (ports: BenchPorts): Promise<BenchResult> => {
  const { say, signal } = ports;
  const disk = mkdtempSync(join(tmpdir(), 'pilotage-bench-'));
  const memory = memoryFolder(disk);
  const spec: Omit<SubjectSpec, 'subject' | 'script'> = {
    ...{ programs: disk, folders: { disk, memory }, children: CHILDREN, signal },
  };
  const start: Start = (subject, script, meanwhile) =>
    runSubject({ ...spec, subject, script }, meanwhile);
  try {
    await bundleSubjects(disk);
    const { agent, bareNode } = await compare(start, ports);
    const watch = (program: Program) =>
      watchProcess(program, { afterMs: 15_000, lengthMs: WINDOW_MS, signal });
    say(`the agent beside ${CHILDREN} pilots, ${WINDOW_MS / 1000} s at rest, then as long chatty`);
    const idle = (await start('agent', IDLE, watch)).seen;
    const chatty = (await start('agent', CHATTY, watch)).seen;
    const found = {
      ratio: round(agent.ms / bareNode.ms, 2),
      idleCpuMsPerMinute: round(idle.cpuMsPerMinute, 0),
      chattyCpuMsPerMinute: round(chatty.cpuMsPerMinute, 0),
    };
    return {
      bench: 'pilot-start',
      ...found,
      ...{ pilots: CHILDREN, rounds: ROUNDS, agent, bareNode },
      privateMb: round(idle.privateMb, 1),
      bounds: BOUNDS,
      withinBounds:
        found.ratio <= BOUNDS.ratio &&
        found.idleCpuMsPerMinute <= BOUNDS.idleCpuMsPerMinute &&
        found.chattyCpuMsPerMinute <= BOUNDS.chattyCpuMsPerMinute,
    };
  } finally {
    rmSync(memory, { recursive: true, force: true });
    rmSync(disk, { recursive: true, force: true });
  }
};

export const pilotStart: Bench = {
  name: 'pilot-start',
  describe: `the start of ${CHILDREN} pilots beside a bare Node that starts the same, and what they cost; 4 minutes`,
  run,
};
