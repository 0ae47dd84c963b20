import { type ApplyPorts, applySteps } from '../../agent/context/apply.ts';
import { parseContext } from '../../agent/context/parse.ts';
import type { Context } from '../../agent/context/schema.ts';
import type { Step } from '../../agent/context/step.ts';
import { createFolderDiskTools } from '../../agent/disks/folder-disks.ts';
import { createFolderPacketFilter } from '../../agent/nftables.ts';
import { PATHS } from '../../agent/paths.ts';
import { createFolderSystem } from '../../agent/system.ts';
import { createFolderUsers } from '../../agent/users.ts';
import { createExec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import { createLightHttp } from '../../platform/light-http.ts';
import { createLog } from '../../platform/log.ts';
import { createPlainFolder } from '../../platform/memory-folder.ts';
import { createManualClock } from './manual-clock.ts';

/** What executors need, on these files; a test puts in what it looks at. */
export const createStepPorts = (files: Files, also: Partial<ApplyPorts> = {}): ApplyPorts => ({
  files,
  exec: createExec(),
  users: createFolderUsers(files),
  memoryFolder: createPlainFolder(files),
  system: createFolderSystem(),
  packetFilter: createFolderPacketFilter(files),
  disks: createFolderDiskTools(),
  clock: createManualClock(),
  log: createLog('silent', () => undefined),
  http: createLightHttp,
  ...also,
});

/** A context as people write it, without its version. */
export const contextOf = (context: object): Context =>
  parseContext([{ name: 'c', text: JSON.stringify({ version: 1, ...context }) }]).context;

/** Does the steps as the first, or the next, run of the same VM and boot. */
export const outcomesOf = async (
  steps: readonly Step[],
  ports: ApplyPorts,
): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await applySteps(steps, { instanceId: 'i-1', bootId: 'b-1' }, ports)).map(
      ({ id, outcome }) => [id, outcome],
    ),
  );

/** Every file of the machine with its content, beside our own records. */
export const filesOf = async (files: Files, folder = '/'): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const name of await files.list(folder)) {
    const path = `${folder === '/' ? '' : folder}/${name}`;
    if (path === PATHS.state) continue;
    const facts = await files.facts(path);
    if (facts?.kind === 'directory') Object.assign(found, await filesOf(files, path));
    else found[path] = (await files.readLink(path)) ?? (await files.read(path, 100_000)) ?? '';
  }
  return found;
};
