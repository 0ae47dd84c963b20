import type { DiracPilots } from '../../context/schema/pilot-dirac.ts';
import { NO_DATA } from '../../reading.ts';
import { type Outcome, outcomeOfMessage } from '../outcome.ts';
import { isSuccess } from '../unit/unit.ts';
import { instructions, isPool, pilotJson, pilotReference, pilotStamp } from './dirac-arguments.ts';
import { followDiracLog } from './dirac-log.ts';
import { type DiracRun, placesOf } from './dirac-places.ts';
import { START_PROGRAM } from './dirac-start.ts';
import type { LaunchFile, PilotKind, RunEnd, TellStep } from './kind.ts';

const TOOL_MS = 15_000;

/** Commands of Pilot 3 that talk to DIRAC's services, or install what these tell. */
const SERVICE_COMMANDS =
  /^(?:InstallDIRAC|Configure\w+|RegisterPilot|CheckCECapabilities|CheckWNCapabilities)$/;

const ofSaid = (said: string): Outcome | undefined =>
  said.startsWith('no-restart') ? 'no-restart' : outcomeOfMessage(said);

/** Pilot 3 ends with 0 whatever its JobAgent found; a failure has the number of the program that failed. */
const classify = ({ exit, last }: RunEnd): Outcome => {
  const said = last?.said ?? '';
  const { result, code, status } = exit;
  if (result === 'start-failed' || code !== 'exited') return 'transient';
  if (status === '126' || status === '127') return 'bad-node';
  const hadWork = last?.payloadsStarted === undefined ? undefined : last.payloadsStarted > 0;
  const told = ofSaid(said);
  if (told === 'nothing-to-do' && hadWork === true) return 'work-done';
  if (told !== undefined) return told;
  if (isSuccess(exit)) return hadWork === false ? 'nothing-to-do' : 'work-done';
  if (said === 'CheckWorkerNode') return 'bad-node';
  return SERVICE_COMMANDS.test(said) ? 'site-problem' : 'transient';
};

/** As the slot's user: below its folder nobody else may trust a path. */
const shell = (run: DiracRun, script: string): TellStep => ({
  do: 'run',
  command: {
    program: '/bin/sh',
    args: ['-c', script, 'dirac', run.at(placesOf(run).control)],
    environment: {},
    user: 'pilot',
    timeoutMs: TOOL_MS,
  },
});

/**
 * DIRAC's Pilot 3, from a web server or CVMFS. It finds out by itself what it needs; here it is told its
 * cores, its tags and its name, its log is followed, and its JobAgent is stopped between two jobs.
 * Written after Pilot 3 and DIRAC v7r3 to v9.0; never yet run against a real DIRAC.
 */
export const diracKind: PilotKind<DiracPilots> = {
  name: 'dirac',
  launch: run => {
    const { pilots, at } = run;
    const places = placesOf(run);
    const file = (path: string, content: string): LaunchFile => ({
      ...{ path, content },
      mode: 0o644,
      owner: 'pilot',
    });
    return {
      user: 'pilot',
      command: [pilots.python, '-u', at(places.start), at(places.instructions)],
      environment: {
        PILOT_UUID: pilotReference(run),
        DIRAC_PILOT_STAMP: pilotStamp(run),
        PYTHONUNBUFFERED: 'yes',
        ...pilots.environment,
      },
      files: [
        file(places.start, START_PROGRAM),
        file(places.instructions, JSON.stringify(instructions(run))),
        file(places.pilotJson, JSON.stringify(pilotJson(run))),
        ...(pilots.ca === undefined ? [] : [file(places.authorities, pilots.ca)]),
      ],
    };
  },
  question: run => ({
    file: run.places.status,
    // Until its log says more it can neither have a payload nor be told of a drain.
    read: () => ({ ready: false, payloads: NO_DATA }),
    follow: { log: placesOf(run).stdout, next: followDiracLog(isPool(run)) },
  }),
  tell: {
    // Of its payloads each one may end; then, or within seconds if it has none, it goes.
    drain: run => [shell(run, 'mkdir -p "$1" && : >"$1/stop_agent"')],
    undrain: run => [shell(run, 'rm -f "$1/stop_agent"')],
    hurry: () => [],
    hurryMs: () => 0,
  },
  // Below the wrapper that the JobAgent writes for each job.
  isRunner: ({ command }) => /\bWrapper_\d+\b/.test(command),
  refusesPayloads: true,
  stop: { signal: 'TERM', to: 'all' },
  classify,
};
