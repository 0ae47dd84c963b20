import { PilotageError } from '../../../platform/errors.ts';
import { isAutomounted, isInMasterMap, mountedRepositories, withoutMap } from '../cvmfs-mounts.ts';
import { readMounts, setUpClient, unmount } from './cvmfs-programs.ts';
import { keepOriginal, restoreOriginal } from './originals.ts';
import type { StepPorts } from './ports.ts';

/** Where `cvmfs_config setup` writes: its own drop-in, or the master map where there is no such folder. */
const MAPS = [
  '/etc/auto.master.d/cvmfs.autofs',
  '/etc/autofs/auto.master.d/cvmfs.autofs',
  '/etc/auto.master',
  '/etc/autofs/auto.master',
] as const;
const MAX_BYTES = 1024 * 1024;
const POLL_MS = 500;
const WAIT_MS = 15_000;

/** The maps that give /cvmfs to the automounter now. */
const namingMaps = async ({ files }: Pick<StepPorts, 'files'>): Promise<string[]> => {
  const found: string[] = [];
  for (const path of MAPS)
    if (isInMasterMap((await files.read(path, MAX_BYTES)) ?? '')) found.push(path);
  return found;
};

/** True once the automounter serves /cvmfs, or no longer does; false when the time is over. */
const waitFor = async (
  wanted: boolean,
  ports: Pick<StepPorts, 'files' | 'clock'>,
): Promise<boolean> => {
  const until = ports.clock.monotonicMs() + WAIT_MS;
  while (isAutomounted(await readMounts(ports)) !== wanted) {
    if (ports.clock.monotonicMs() >= until) return false;
    await ports.clock.sleep(POLL_MS);
  }
  return true;
};

/** The automounter reads its maps anew, and lets go of /cvmfs where none names it any more. */
const letGo = async (ports: StepPorts): Promise<void> => {
  if (!isAutomounted(await readMounts(ports))) return;
  await unmount(mountedRepositories(await readMounts(ports)), ports);
  await ports.system.reload('autofs');
  if ((await namingMaps(ports)).length > 0 || (await waitFor(false, ports))) return;
  throw new PilotageError(
    'step-failed',
    'autofs does not let go of /cvmfs; remedy: end what uses it (fuser -vm /cvmfs)',
  );
};

/** Gives /cvmfs to the automounter, by the client's own setup. */
export const takeUpAutomounter = async (ports: StepPorts): Promise<void> => {
  for (const path of MAPS) await keepOriginal(path, ports);
  await setUpClient(ports, 'autofs');
  if (await waitFor(true, ports)) return;
  // It was running and knew nothing of the map, or could not be started: then its own words tell why.
  await ports.system.restart('autofs');
  if (await waitFor(true, ports)) return;
  throw new PilotageError(
    'step-failed',
    'autofs does not serve /cvmfs, although it was set up; remedy: see journalctl -u autofs, and that /etc/auto.master includes /etc/auto.master.d',
  );
};

/** Takes /cvmfs from the automounter, whoever gave it. */
export const dropAutomounter = async (ports: StepPorts): Promise<void> => {
  const { files } = ports;
  for (const path of await namingMaps(ports)) {
    await keepOriginal(path, ports);
    const text = (await files.read(path, MAX_BYTES)) ?? '';
    const facts = await files.facts(path);
    if (path.endsWith('.autofs')) await files.remove(path);
    else await files.write(path, withoutMap(text), { mode: facts?.mode ?? 0o644 });
  }
  if (ports.system.hasKernel) await letGo(ports);
};

/** Its maps are again as they were before the first of both. */
export const restoreAutomounter = async (ports: StepPorts): Promise<void> => {
  for (const path of MAPS) await restoreOriginal(path, ports);
  if (ports.system.hasKernel) await letGo(ports);
};
