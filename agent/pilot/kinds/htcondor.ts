import type { HtcondorPilots } from '../../context/schema/pilot-htcondor.ts';
import { NO_DATA } from '../../reading.ts';
import type { Outcome } from '../outcome.ts';
import {
  condorConfiguration,
  cvmfsRevisionsScript,
  payloadUsersOf,
} from './htcondor-configuration.ts';
import { gpuInventory } from './htcondor-gpus.ts';
import { isStarter, placesOf } from './htcondor-places.ts';
import { askSlots, drainSteps, hurrySteps, parseSlots, undrainSteps } from './htcondor-tools.ts';
import type { LaunchFile, PilotKind, RunEnd } from './kind.ts';

/**
 * Condor makes the payloads' groups beside its own. So that they are in its unit, it goes into a group of
 * its own there first; where there is no unit it makes none. (systemd's DelegateSubgroup= came with 254.)
 */
const IN_OWN_GROUP = `
unit=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
case $unit in
*/pilotage-pilot-*.service)
  mkdir "$unit/condor" && echo $$ >"$unit/condor/cgroup.procs" && export _CONDOR_BASE_CGROUP=payloads ;;
esac
exec "$0" "$@"
`;

/** From the hurry's end to that of the startd, ms. */
const ENDING_MS = 15_000;

/** The master ends well, or with 99, when its startd has gone for want of work or after a drain. */
const classify = (
  { exit: { result, code, status }, ranMs, last }: RunEnd,
  { idleEnd }: HtcondorPilots,
): Outcome => {
  if (result === 'start-failed' || code !== 'exited') return 'transient';
  if (status === '126' || status === '127') return 'bad-node';
  if (status !== '0' && status !== '99') return 'site-problem';
  // It ends for want of work; but it could not have had any.
  if (last?.joined === false) return 'site-problem';
  // An agent that was dead while jobs ran has nothing but the time to go by.
  const hadWork =
    last?.payloadsStarted === undefined
      ? idleEnd === false || ranMs > 1.5 * idleEnd
      : last.payloadsStarted > 0;
  return hadWork ? 'work-done' : 'nothing-to-do';
};

/**
 * HTCondor's own pilot: a startd that joins a pool with an IDTOKEN, under a master in the foreground.
 * Tested with HTCondor 23.9; that it is the same with 24 and 25 is believed, not tested.
 */
export const htcondorKind: PilotKind<HtcondorPilots> = {
  name: 'htcondor',
  launch: run => {
    const { pilots, context, slot, at } = run;
    const places = placesOf(run);
    const isRoot = pilots.mode === 'root';
    const actor = isRoot ? 'root' : 'pilot';
    const folder = (path: string, mode: number): LaunchFile => ({ path, mode, owner: 'pilot' });
    const repositories = context.cvmfs?.repositories ?? [];
    return {
      user: actor,
      ...(isRoot
        ? { command: ['/bin/sh', '-c', IN_OWN_GROUP, pilots.program, '-f'], makesGroups: true }
        : { command: [pilots.program, '-f'] }),
      environment: { ...pilots.environment, CONDOR_CONFIG: at(places.configuration) },
      files: [
        { path: places.tokens, mode: 0o700, owner: actor },
        { path: places.token, mode: 0o600, owner: actor, content: { copyOf: places.tokenSource } },
        folder(places.local, 0o755),
        folder(places.log, 0o755),
        folder(places.spool, 0o755),
        folder(places.execute, 0o755),
        folder(places.proofs, 0o700),
        folder(places.lock, 0o755),
        {
          path: places.configuration,
          mode: 0o644,
          owner: actor,
          content: condorConfiguration(run),
        },
        ...(slot.gpus === undefined || slot.gpus.length === 0
          ? []
          : [
              {
                path: places.gpus,
                mode: 0o644,
                owner: actor,
                content: gpuInventory(slot.gpus),
              } as const,
            ]),
        {
          path: places.cvmfsRevisions,
          mode: 0o755,
          owner: actor,
          content: cvmfsRevisionsScript(repositories),
        },
      ],
    };
  },
  question: run => ({
    file: placesOf(run).startdAddress,
    read: text => ({ ready: (text ?? '').trim() !== '', payloads: NO_DATA }),
    ask: { everyMs: run.pilots.askEvery, command: askSlots(run), parse: parseSlots },
  }),
  logs: run => ({
    folder: placesOf(run).log,
    names: ['MasterLog*', 'StartLog*', 'StarterLog*'],
  }),
  isRunner: isStarter,
  payloadUsers: ({ mode }, slot) => (mode === 'root' ? payloadUsersOf(slot) : []),
  tell: {
    drain: drainSteps,
    undrain: undrainSteps,
    hurry: hurrySteps,
    hurryMs: ({ vacate }) => vacate + ENDING_MS,
  },
  refusesPayloads: true,
  endsIdle: true,
  // The master's fast end: jobs are killed and go back to their queue.
  stop: { signal: 'QUIT', to: 'main' },
  classify,
};
