import { type GlideinwmsRun, placesOf } from './glideinwms-places.ts';

/** A glidein refuses to begin with less: its grace, its own margins, and ten minutes of work. */
const SHORTEST_S = 1100;

const WALLTIME = '-param_GLIDEIN_Max_Walltime';

/**
 * What the slot's user does before it becomes the glidein. A glidein takes no job where it finds a
 * `shutdowntime`, however far away, so it gets Machine/Job Features of its own: without one, until there
 * is a drain.
 */
const BEGIN = `
run=$1 ends=$2 most=$3 least=$4 token=$5; shift 5
fail() { echo "pilotage: the glidein cannot begin: $1" >&2; exit 126; }
left=$((ends - $(date +%s)))
if [ "$most" -gt 0 ] && [ "$most" -lt "$left" ]; then left=$most; fi
if [ "$left" -lt "$least" ]; then
  echo "300 no time is left for a glidein: $left s" >"$PILOTAGE_STATUS_FILE"; exit 0
fi
cd "$HOME" || fail "no home"
rm -rf glidein-*
work=$HOME/glidein-$PILOTAGE_GENERATION
mkdir -m 0700 "$work" && cd "$work" || fail "no folder $work"
cp "$run/glidein_startup.sh" . && chmod 0700 glidein_startup.sh || fail "no copy of its script"
if [ -n "$token" ]; then ln -s "$run/$token" "$token" || fail "no link to its token"; fi
mkdir -p "$run/machinefeatures" "$run/jobfeatures" || fail "no folder for its features"
cp "$MACHINEFEATURES"/* "$run/machinefeatures" 2>/dev/null
cp "$JOBFEATURES"/* "$run/jobfeatures" 2>/dev/null
rm -f "$run/machinefeatures/shutdowntime" "$run/jobfeatures/shutdowntime_job"
export MACHINEFEATURES="$run/machinefeatures" JOBFEATURES="$run/jobfeatures"
echo $$ >"$run/pid" || fail "no place for its pid"
exec bash ./glidein_startup.sh "$@" ${WALLTIME} "$left"
`;

/** The word after the last such option. */
const wordAfter = (args: readonly string[], option: string): string | undefined => {
  const at = args.lastIndexOf(option);
  return at === -1 ? undefined : args[at + 1];
};

export const webbaseOf = ({ pilots, context }: Pick<GlideinwmsRun, 'pilots' | 'context'>): string =>
  (pilots.webbase ?? context.glidein?.webbase ?? '').replace(/\/+$/, '');

/** What glidein_startup.sh is told, but for its longest wall time, which is known when it begins. */
export const glideinArguments = ({ pilots, context, slot }: GlideinwmsRun): string[] => {
  const args = [...(context.glidein?.args ?? []), ...pilots.args];
  const unlessTold = (option: string, value: string | number): string[] =>
    args.includes(option) ? [] : [option, String(value)];
  return [
    ...args,
    ...unlessTold('-web', webbaseOf({ pilots, context })),
    ...unlessTold('-param_GLIDEIN_CPUS', slot.cores),
    ...unlessTold('-param_GLIDEIN_MaxMemMBs', slot.memoryMb),
    // The last one counts: where it works and how it ends is this VM's business.
    ...['-param_GLIDEIN_Graceful_Shutdown', String(Math.ceil(pilots.vacate / 1000))],
    ...['-dir', '.'],
  ];
};

/** The command line that begins a glidein. */
export const beginGlidein = (run: GlideinwmsRun): string[] => {
  const { folder, token } = placesOf(run);
  const args = glideinArguments(run);
  const most = Number(wordAfter(args, WALLTIME) ?? 0);
  return [
    ...['/bin/sh', '-c', BEGIN, 'pilotage-glidein', run.at(folder), String(run.vm.endsAtS)],
    String(Number.isSafeInteger(most) && most > 0 ? most : 0),
    String(SHORTEST_S + Math.ceil(run.pilots.vacate / 1000)),
    token?.as ?? '',
    ...args,
  ];
};
