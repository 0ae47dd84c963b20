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
  /** The agent's binary. */
  agent: string;
  receiver: { url: string; enrolmentSecret: string };
  identity: Readonly<Record<string, string>>;
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

/** Makes the folder as user-data would leave it, and starts the agent. */
export const startFolderVm = async (spec: FolderVmSpec): Promise<FolderVm> => {
  const { folder, name, agent, receiver, identity, context, environment } = spec;
  const root = join(folder, name);
  mkdirSync(join(root, CONTEXT_FOLDER), { recursive: true, mode: 0o755 });
  const put = (file: string, content: object): void =>
    writeFileSync(join(root, CONTEXT_FOLDER, file), stringify(content), { mode: 0o600 });
  put('00-receiver.yaml', { version: 1, receiver, identity });
  put('50-site.yaml', { version: 1, ...context });
  const files = createFiles(root, false);
  return {
    name,
    root,
    agent: await startProgram({
      command: [agent, 'run', '--root', root],
      logFile: `${root}.log`,
      environment,
    }),
    status: () => readStatus(files),
    poweredOff: async () => (await files.read(POWERED_OFF_FILE, 4096))?.trim(),
  };
};
