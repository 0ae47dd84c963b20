import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readStatus, type Status } from '../../agent/monitor/status.ts';
import { createFiles } from '../../platform/files.ts';
import { POWERED_OFF_FILE } from '../../platform/power.ts';
import { type Program, startProgram } from './child-program.ts';

export interface FolderVmSpec {
  /** The VM is a folder of this name in it. */
  folder: string;
  name: string;
  /** The agent's program: the binary, or Node with its source. */
  agent: string | readonly [string, ...string[]];
  receiver: { url: string; enrolmentSecret: string };
  identity: Readonly<Record<string, string>>;
  /** How long to hold the VM if it cannot work, as its lifeline says it. */
  hold?: string;
  /** The rest of the context, as people write it. */
  context: Readonly<Record<string, unknown>>;
  environment: Readonly<Record<string, string>>;
}

/** A VM that is a folder, with the real agent at work in it. */
export interface FolderVm {
  name: string;
  root: string;
  agent: Program;
  /** What the agent last published; `undefined` before its first tick. */
  status(): Promise<Status | undefined>;
  /** Why it powered itself off; `undefined` while it is on. */
  poweredOff(): Promise<string | undefined>;
}

const CONTEXT_FOLDER = 'etc/pilotage/context.d';

/** An agent for a folder that is ready; also the next one after the first has ended. */
export const startAgent = (
  agent: FolderVmSpec['agent'],
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<Program> => {
  const [program, ...args] = typeof agent === 'string' ? ([agent] as const) : agent;
  const command = [program, ...args, 'run', '--root', root] as const;
  return startProgram({ command: [...command], logFile: `${root}.log`, environment });
};

/** Makes the folder as user-data would leave it, and starts the agent. */
export const startFolderVm = async (spec: FolderVmSpec): Promise<FolderVm> => {
  const { folder, name, agent, receiver, identity, hold, context, environment } = spec;
  const root = join(folder, name);
  mkdirSync(join(root, CONTEXT_FOLDER), { recursive: true, mode: 0o755 });
  const put = (file: string, content: object): void =>
    writeFileSync(join(root, CONTEXT_FOLDER, file), stringify(content), { mode: 0o600 });
  put('00-receiver.yaml', { version: 1, ...(hold && { hold }), receiver, identity });
  put('50-site.yaml', { version: 1, ...context });
  const files = createFiles(root, false);
  return {
    name,
    root,
    agent: await startAgent(agent, root, environment),
    status: () => readStatus(files),
    poweredOff: async () => (await files.read(POWERED_OFF_FILE, 4096))?.trim(),
  };
};
