import { FAILED, measured, NO_DATA } from '../../reading.ts';
import type { Answer } from '../answer.ts';
import { type GlideinwmsRun, placesOf } from './glideinwms-places.ts';
import type { Command, TellStep } from './kind.ts';

const TOOL_MS = 10_000;

const shell = (run: GlideinwmsRun, script: string, ...args: string[]): Command => ({
  program: '/bin/sh',
  args: ['-c', script, 'pilotage-glidein', ...args],
  environment: { PATH: run.environment.PATH ?? '', LANG: 'C.UTF-8' },
  user: 'pilot',
  timeoutMs: TOOL_MS,
});

/**
 * A glidein brings daemons and no tools, so its own files are asked: one line a glidein, `begins`, or
 * `startd` with 1 while it has an address, its starters (one runs one job), the claims that were
 * activated, and 1 once the glidein has found that it drains. A starter that only tells what it can do
 * is none.
 */
const LOOK = `
cd "$1" 2>/dev/null || exit 0
here=$(pwd -P)
for glide in glide_* glidein_dir*/glide_*; do
  [ -d "$glide" ] || continue
  log=$glide/log
  if [ ! -e "$log/StartdLog" ]; then echo begins; continue; fi
  address=0; if [ -s "$log/.startd_address" ]; then address=1; fi
  drains=0; if [ -e "$glide/exit_message" ]; then drains=1; fi
  started=$(cat "$log/StartdLog.old" "$log/StartdLog" 2>/dev/null | grep -c 'Got activate_claim')
  starters=0
  for process in /proc/[0-9]*; do
    comm=; read -r comm 2>/dev/null <"$process/comm"
    [ "$comm" = condor_starter ] || continue
    case $(readlink "$process/cwd" 2>/dev/null) in "$here/$glide"|"$here/$glide"/*) ;; *) continue ;; esac
    case $(tr '\\0' ' ' 2>/dev/null <"$process/cmdline") in *' -classad'*) continue ;; esac
    starters=$((starters + 1))
  done
  echo "startd $address $starters $started $drains"
done
exit 0
`;

export const askGlidein = (run: GlideinwmsRun): Command =>
  shell(run, LOOK, run.at(placesOf(run).work));

/** What {@link askGlidein} prints. A line that is not understood fails the reading. */
export const parseLook = (output: string): Answer => {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  const startds = lines.filter(line => line !== 'begins');
  if (startds.length === 0) return { ready: false, payloads: NO_DATA };
  let payloads = 0;
  let payloadsStarted = 0;
  let isUp = false;
  let isEmpty = startds.length === lines.length;
  let draining = true;
  for (const line of startds) {
    const match = /^startd ([01]) (\d{1,6}) (\d{1,9}) ([01])$/.exec(line);
    if (match === null) return { payloads: FAILED };
    const [, address, starters, started, drains] = match;
    payloads += Number(starters);
    payloadsStarted += Number(started);
    isUp ||= address === '1';
    draining &&= drains === '1';
    isEmpty &&= starters === '0';
  }
  // A startd without an address begins, or ends, or keeps it elsewhere.
  if (!isUp && payloads === 0) return { payloads: NO_DATA, payloadsStarted };
  return {
    ready: !(draining && isEmpty),
    payloads: measured(payloads),
    payloadsStarted,
    draining,
  };
};

const tell = (run: GlideinwmsRun, script: string, ...args: string[]): TellStep[] => [
  { do: 'run', command: shell(run, script, run.at(placesOf(run).folder), ...args) },
];

/**
 * A glidein looks every minute for `shutdowntime_job`. Once it is there no job starts, and half an hour
 * before that time jobs are preempted; the glidein ends itself when it has been idle for long enough.
 */
export const drainSteps = (run: GlideinwmsRun, { untilS }: { untilS: number }): TellStep[] =>
  tell(run, 'cd "$1/jobfeatures" && echo "$2" >.new && mv .new shutdowntime_job', String(untilS));

export const undrainSteps = (run: GlideinwmsRun): TellStep[] =>
  tell(run, 'rm -f "$1/jobfeatures/shutdowntime_job"');

/**
 * glidein_startup.sh, told to end, waits for condor no longer and takes its folder away; so the master is
 * told, and the glidein ends as it does by itself. Where there is none yet, nothing is lost.
 */
const TELL_MASTERS = `
told=
for file in "$1"/glide_*/condor_master2.pid "$1"/glidein_dir*/glide_*/condor_master2.pid; do
  [ -f "$file" ] && read -r pid <"$file" && kill -TERM "$pid" && told=yes
done
[ -n "$told" ] || { read -r pid <"$2/pid" && kill -TERM "$pid"; }
`;

/** TERM to condor's master: jobs may save their work, for as long as the glidein was told. */
export const hurrySteps = (run: GlideinwmsRun): TellStep[] => {
  const { work, folder } = placesOf(run);
  return [{ do: 'run', command: shell(run, TELL_MASTERS, run.at(work), run.at(folder)) }];
};
