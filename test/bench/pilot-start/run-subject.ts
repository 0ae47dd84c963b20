import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleAgent } from '../../../bootstrap/agent-bundle.ts';
import { type Program, startProgram } from '../../support/child-program.ts';
import { createMarker } from '../../support/marked-processes.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { readProcessCost } from '../process-cost.ts';
import { beganFile, readyFile, startedFolder, type Task, taskArguments } from './task.ts';

export type Subject = 'agent' | 'bare-node';

export interface StartRun {
  /** From the beginning to the start of the last child, ms. */
  wallMs: number;
  /** Processor time of the subject itself meanwhile, ms. */
  cpuMs: number;
}

export interface SubjectSpec {
  subject: Subject;
  /** Where {@link bundleSubjects} has put them. */
  programs: string;
  /** On disk; and in memory, for what is in memory on a machine. */
  folders: { disk: string; memory: string };
  children: number;
  /** Shell text of each child, behind the note that it runs. */
  script: string;
  signal: AbortSignal;
}

const TIMEOUT_MS = 120_000;
const GRACE_MS = 5000;

/** As the agent's binary is made, so that each is as large in memory as that. */
export const bundleSubjects = async (folder: string): Promise<void> => {
  for (const name of ['agent', 'prepare-agent', 'bare-node'])
    await bundleAgent(
      resolve(import.meta.dirname, `${name}.ts`),
      join(folder, `${name}.cjs`),
      'bench',
    );
};

const timesOf = (folder: string): number[] =>
  readdirSync(folder).map(name => statSync(join(folder, name)).mtimeMs);

/** A folder that lies as the files of a machine do: /run in memory, the rest on disk. */
const createRoot = ({ subject, folders }: SubjectSpec): { root: string; memory: string } => {
  const root = mkdtempSync(join(folders.disk, `${subject}-`));
  const memory = mkdtempSync(join(folders.memory, `${subject}-`));
  symlinkSync(memory, join(root, 'run'));
  mkdirSync(startedFolder({ root }));
  return { root, memory };
};

/**
 * Starts a subject, tells it to begin, and measures until its last child runs.
 * @param meanwhile called while all children run; what it gives comes back
 */
export const runSubject = async <T>(
  spec: SubjectSpec,
  meanwhile: (program: Program) => Promise<T>,
): Promise<StartRun & { seen: T }> => {
  const { subject, programs, children, script, signal } = spec;
  const marker = createMarker('PILOTAGE_BENCH');
  const { root, memory } = createRoot(spec);
  const noted = `: >'${startedFolder({ root })}'/"$PILOTAGE_SLOT"`;
  const task: Task = {
    ...{ root, children, environment: marker.environment },
    command: ['/bin/sh', '-c', `${noted}; ${script}`],
  };
  const timing = { timeoutMs: TIMEOUT_MS, everyMs: 10, signal };
  try {
    if (subject === 'agent')
      execFileSync(
        process.execPath,
        [join(programs, 'prepare-agent.cjs'), ...taskArguments(task)],
        {
          stdio: 'ignore',
        },
      );
    const program = await startProgram({
      command: [process.execPath, join(programs, `${subject}.cjs`), ...taskArguments(task)],
      logFile: join(root, 'subject.log'),
      environment: marker.environment,
    });
    const running = (what: string): void => {
      const end = program.ended();
      if (end !== undefined) throw new Error(`${subject}, ${what}: ${end}\n${program.tail(20)}`);
    };
    await pollUntil(`${subject} is ready`, timing, () => {
      running('before it was ready');
      return statSync(readyFile(task), { throwIfNoEntry: false });
    });
    // What it did to become ready is over.
    await new Promise(resolve => setTimeout(resolve, 1000));
    const before = readProcessCost(program.pid);
    process.kill(program.pid, 'SIGUSR2');
    await pollUntil(`all children of ${subject} run`, timing, () => {
      running('before all its children ran');
      return timesOf(startedFolder(task)).length === children || undefined;
    });
    const after = readProcessCost(program.pid);
    const beganMs = Number(readFileSync(beganFile(task), 'utf8'));
    const wallMs = Math.max(...timesOf(startedFolder(task))) - beganMs;
    return { wallMs, cpuMs: after.cpuMs - before.cpuMs, seen: await meanwhile(program) };
  } finally {
    await marker.end(GRACE_MS);
    rmSync(memory, { recursive: true, force: true });
    rmSync(root, { recursive: true, force: true });
  }
};
