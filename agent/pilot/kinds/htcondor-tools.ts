import { FAILED, measured } from '../../reading.ts';
import type { Answer } from '../answer.ts';
import { type HtcondorRun, placesOf } from './htcondor-places.ts';
import { configurationText } from './htcondor-words.ts';
import type { Command, TellStep } from './kind.ts';

const TOOL_MS = 15_000;
/** All collectors may have to be tried. */
const ASK_MS = 75_000;
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

/**
 * Asks the startd; and until it was once told yes, the pool too, as often as condor itself advertises:
 * may this token do so? The folder remembers when that was, and whether it was the last time. A pool
 * that does not answer is asked again after a minute.
 */
const ASK = `
address=$(head -n 1 "$1") && [ -n "$address" ] || exit 1
asked=$2 collectors=$3; shift 3
"$@" "$address" || exit 1
[ ! -d "$asked/yes" ] && [ -z "$(find "$asked" -maxdepth 0 -mmin -5 2>/dev/null)" ] || exit 0
rmdir "$asked" 2>/dev/null; mkdir "$asked" || exit 1
export _CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS=IDTOKENS
for collector in $collectors; do
  said=$(timeout 8 condor_ping -verbose -pool "$collector" -type COLLECTOR ADVERTISE_STARTD 2>&1)
  if printf '%s' "$said" | grep -q 'Authorized: *TRUE'; then mkdir "$asked/yes"; echo joined; exit 0; fi
done
case $said in
'' | *'failed to make connection'*) touch -h -d '4 minutes ago' "$asked"; word=silent ;;
*) word=refused ;;
esac
echo "$word $collector: $(printf '%s\n' "\${said:-no answer}" | grep -v ' failed!$' | tail -n 1)"
`;

const COLUMNS = ['SlotType', 'State', 'Activity', 'Cpus', 'JobStarts', 'Draining', 'JobId'];

/** What the startd says of its slots; asked of itself, so that a fleet costs the pool nothing. */
export const askSlots = (run: HtcondorRun): Command => {
  const { startdAddress, poolAsked } = placesOf(run);
  const places = [run.at(startdAddress), run.at(poolAsked), run.pilots.collectors.join(' ')];
  const query = ['condor_status', '-af', ...COLUMNS, '-direct'];
  return {
    ...tool(run, []),
    args: ['-c', ASK, 'condor', ...places, ...query],
    timeoutMs: ASK_MS,
  };
};

/** Cluster and process. */
const JOB = /^\d{1,12}\.\d{1,9}$/;
/** Activities of a slot in which a job exists. */
const AT_WORK = new Set(['Busy', 'Retiring', 'Suspended', 'Vacating', 'Killing']);

/** Why it is none of the pool's; condor's words for a token that is of no use are few. */
const refusal = (words: string): string => {
  const isToken = /authenticate using IDTOKENS|with any method/.test(words);
  const hint = isToken ? ' (its token may have expired, or be of another trust domain)' : '';
  return `${words
    .replaceAll(/[^ -~]/g, ' ')
    .trim()
    .slice(0, 150)}${hint}`;
};

/** What the pool said, if it was asked this time. */
const parsePool = (line: string): Pick<Answer, 'joined' | 'said'> | undefined => {
  if (line === 'joined') return { joined: true, said: '' };
  const [, word, words] = /^(refused|silent) (.+)$/.exec(line) ?? [];
  if (word === undefined || words === undefined) return undefined;
  const did = word === 'refused' ? 'refuses it' : 'does not answer';
  return { joined: false, said: `the pool ${did}: ${refusal(words)}` };
};

/**
 * One line a slot, as {@link askSlots} prints them, and the pool's word. A line that is not understood
 * fails the reading.
 */
export const parseSlots = (output: string): Answer => {
  const all = output.split('\n').filter(line => line.trim() !== '');
  const pool = parsePool(all.at(-1) ?? '');
  const lines = pool === undefined ? all : all.slice(0, -1);
  let payloads = 0;
  let claimed = 0;
  let idle = 0;
  let payloadsStarted: number | undefined;
  let draining = false;
  let jobs: string[] | undefined;
  for (const line of lines) {
    const [type, state, activity = '', cpus, starts, drain, job, ...rest] = line
      .trim()
      .split(/\s+/);
    if (drain === undefined || rest.length > 0) return { payloads: FAILED };
    draining ||= drain === 'true';
    if (job !== undefined) jobs ??= [];
    if (job !== undefined && AT_WORK.has(activity) && JOB.test(job)) jobs?.push(job);
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
  // Whatever the pool said before, it knows a startd to which it sends jobs.
  const isKnown = claimed + payloadsStarted > 0 ? { joined: true, said: '' } : pool;
  return {
    ...{ payloads: measured(payloads), slots: { idle, claimed }, payloadsStarted, draining },
    ...(jobs === undefined ? {} : { jobs }),
    ...isKnown,
  };
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
