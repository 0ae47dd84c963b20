import { FAILED, measured } from '../../reading.ts';
import type { Answer } from '../answer.ts';
import { type HtcondorRun, placesOf } from './htcondor-places.ts';
import { configurationText } from './htcondor-words.ts';
import type { Command, TellStep } from './kind.ts';

const TOOL_MS = 15_000;
const TOOL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Calls a tool with the address that the startd wrote down, after the arguments. */
const WITH_ADDRESS =
  'file=$1; shift; address=$(head -n 1 "$file") && [ -n "$address" ] && exec "$@" "$address"';

const tool = (run: HtcondorRun, args: readonly string[]): Command => {
  const { configuration, startdAddress } = placesOf(run);
  return {
    program: '/bin/sh',
    args: ['-c', WITH_ADDRESS, 'condor', run.at(startdAddress), ...args],
    environment: {
      PATH: TOOL_PATH,
      LANG: 'C.UTF-8',
      CONDOR_CONFIG: run.at(configuration),
      // The daemons of this run know us by the machine; only the pool asks for the token.
      _CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS: 'FS',
    },
    user: run.pilots.mode === 'root' ? 'root' : 'pilot',
    timeoutMs: TOOL_MS,
  };
};

const COLUMNS = ['SlotType', 'State', 'Activity', 'Cpus', 'JobStarts', 'Draining'];

/** What the startd says of its slots; asked of itself, so that a fleet costs the pool nothing. */
export const askSlots = (run: HtcondorRun): Command =>
  tool(run, ['condor_status', '-af', ...COLUMNS, '-direct']);

/** Activities of a slot in which a job exists. */
const AT_WORK = new Set(['Busy', 'Retiring', 'Suspended', 'Vacating', 'Killing']);

/** One line a slot, as {@link askSlots} prints them. A line that is not understood fails the reading. */
export const parseSlots = (output: string): Answer => {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  let payloads = 0;
  let claimed = 0;
  let idle = 0;
  let payloadsStarted: number | undefined;
  let draining = false;
  for (const line of lines) {
    const [type, state, activity = '', cpus, starts, drain, ...rest] = line.trim().split(/\s+/);
    if (drain === undefined || rest.length > 0) return { payloads: FAILED };
    draining ||= drain === 'true';
    if (type === 'Partitionable') {
      idle += Number(cpus);
      payloadsStarted = (payloadsStarted ?? 0) + Number(starts);
    } else {
      if (state === 'Claimed' || state === 'Preempting') claimed += 1;
      if (AT_WORK.has(activity)) payloads += 1;
    }
  }
  if (payloadsStarted === undefined || ![idle, payloadsStarted].every(Number.isSafeInteger))
    return { payloads: FAILED };
  return { payloads: measured(payloads), slots: { idle, claimed }, payloadsStarted, draining };
};

const run = (command: Command): TellStep => ({ do: 'run', command });

const reconfigure = (
  of: HtcondorRun,
  settings: readonly (readonly [string, number])[],
): TellStep[] => [
  {
    do: 'write',
    path: placesOf(of).later,
    content: configurationText(settings),
    mode: 0o644,
    owner: of.pilots.mode === 'root' ? 'root' : 'pilot',
  },
  run(tool(of, ['condor_reconfig', '-addr'])),
];

const cancel = (of: HtcondorRun): TellStep => run(tool(of, ['condor_drain', '-cancel']));

/** Running jobs go on, no other starts, and the startd exits when the last one has ended. */
export const drainSteps = (
  of: HtcondorRun,
  { untilS, reason }: { untilS: number; reason: string },
): TellStep[] => [
  ...reconfigure(of, [
    ['GLIDEIN_ToDie', untilS],
    ['GLIDEIN_ToRetire', 0],
  ]),
  run(
    tool(of, [
      ...['condor_drain', '-graceful', '-exit-on-completion'],
      ...['-reason', reason === '' ? 'the VM drains' : reason],
    ]),
  ),
];

export const undrainSteps = (of: HtcondorRun): TellStep[] => [...reconfigure(of, []), cancel(of)];

/**
 * Jobs are told to end now. A drain that is under way refuses another, so it is cancelled first; what
 * jobs may take for it has to be less than what is left.
 */
export const hurrySteps = (of: HtcondorRun, leftMs: number): TellStep[] => {
  const leftS = Math.floor(leftMs / 1000);
  const vacateS = Math.max(1, Math.min(leftS - 10, Math.floor(leftS * 0.7)));
  return [
    ...reconfigure(of, [
      ['GLIDEIN_ToRetire', 0],
      // Left as it is, jobs were seen to retire on in spite of -quick.
      ['MaxJobRetirementTime', 0],
      ['MachineMaxVacateTime', vacateS],
    ]),
    cancel(of),
    run(tool(of, ['condor_drain', '-quick', '-exit-on-completion', '-reason', 'deadline'])),
  ];
};
