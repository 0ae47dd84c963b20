import type { Files } from '../../../platform/files.ts';
import { measured } from '../../reading.ts';
import { launchSession } from './launch-session.ts';
import { asOwner, leaderOf } from './leader.ts';
import { createPrepareRun, sightExits, withExits } from './pilot-files.ts';
import type { Process } from './proc-stat.ts';
import { readProcesses, readProcFile, signalProcess } from './processes.ts';
import {
  type PilotUnits,
  parseUnitId,
  type UnitName,
  type UnitSighting,
  type UnitSpec,
  unitId,
} from './unit.ts';

/** Marks every process of a run; the folder tells two machines on one host apart. */
const MARK = 'PILOTAGE_UNIT';

/**
 * Stays with the run as its session's leader, whatever becomes of the agent, and records its end. It
 * outlives a signal to the session so that it can still tell how its pilot took it. What the pilot leaves
 * behind goes before that, as in a unit of systemd: its session in order, and where the slot's user is known,
 * all that this user still runs is killed, whatever session it is in.
 */
const LEADER = `
trap : TERM INT HUP QUIT
record=$1 uid=$2; shift 2
"$@"
status=$?
sweep() {
  left=
  for process in /proc/[0-9]*; do
    { read -r stat <"$process/stat"; } 2>/dev/null || continue
    set -- "$1" \${stat##*) }
    [ "$5" = $$ ] && [ "$2" != Z ] && [ "$process" != /proc/$$ ] || continue
    left=yes
    kill -"$1" "\${process#/proc/}" 2>/dev/null
  done
}
sweep TERM
for try in 1 2 3 4 5 6 7 8 9 10; do [ -n "$left" ] || break; sleep 0.2; sweep 0; done
[ -z "$left" ] || sweep KILL
[ -z "$uid" ] || setpriv --reuid "$uid" --clear-groups /bin/sh -c 'kill -KILL -1' 2>/dev/null
if [ $status -gt 128 ]; then printf 'signal killed %s' $((status - 128)); else printf '%s exited %s' "$([ $status = 0 ] && echo success || echo exit-code)" $status; fi >"$record.new" && mv "$record.new" "$record"
`;

const markOf = (pid: number): string | undefined =>
  readProcFile(pid, 'environ')
    ?.split('\0')
    .find(entry => entry.startsWith(`${MARK}=`))
    ?.slice(MARK.length + 1);

/** The pilot's own process: the child of the leader, whatever sessions were begun below it. */
export const mainOf = <P extends Pick<Process, 'pid' | 'parent'>>(members: readonly P[]): P[] => {
  const pids = new Set(members.map(({ pid }) => pid));
  const tops = members.filter(({ parent }) => !pids.has(parent));
  const below = members.filter(({ parent }) => tops.some(({ pid }) => pid === parent));
  return below.length === 0 ? tops : below;
};

/**
 * What a kernel without control groups limits, by prlimit(1): tasks of the slot's user all together, memory of
 * each process by itself. Root is held to none of it.
 */
export const rlimitsOf = ({ user, limits: { memoryMb, tasks } }: UnitSpec): string[] =>
  user === 'root'
    ? []
    : ['prlimit', `--nproc=${tasks}`, `--data=${memoryMb * 1024 * 1024}`, '--core=0', '--'];

/**
 * For machines without systemd, and folders that stand for machines: each run is a session of its own
 * told by a mark in its environment.
 * @param keepsApart whether pilots run as their slot's user; if not, as ourselves
 */
export const createSessionUnits = (files: Files, keepsApart = false): PilotUnits => {
  const folder = files.locate('/');
  const prefix = `${folder}:`;
  const prepareRun = createPrepareRun(files);

  /** Sessions by the unit that their leader bears; a leader that has gone leaves its kin marked. */
  const readSessions = (): Map<string, Process[]> => {
    const units = new Map<string, Process[]>();
    const sessions = Map.groupBy(readProcesses(), ({ session }) => session);
    for (const [session, members] of sessions) {
      const witness = members.find(({ pid }) => pid === session) ?? members[0];
      const mark = witness === undefined ? undefined : markOf(witness.pid);
      if (!mark?.startsWith(prefix)) continue;
      const id = mark.slice(prefix.length);
      units.set(id, [...(units.get(id) ?? []), ...members]);
    }
    return units;
  };

  /** As its own user with its own limits, where pilots are kept apart from us and from each other. */
  const commandOf = (spec: UnitSpec): readonly string[] => {
    if (!keepsApart) return spec.command;
    return [...rlimitsOf(spec), ...asOwner(spec)];
  };

  return {
    kind: keepsApart ? 'session with rlimits' : 'session',
    start: async (spec, prepare) => {
      await prepareRun(spec, spec.owner);
      await prepare?.();
      const isOnesOwn = keepsApart && spec.user !== 'root' && spec.owner !== undefined;
      const uid = isOnesOwn ? String(spec.owner?.uid) : '';
      await launchSession(
        leaderOf(files, spec, {
          script: LEADER,
          args: [uid, ...commandOf(spec)],
          environment: { [MARK]: `${prefix}${unitId(spec)}` },
        }),
      );
    },
    sight: async () => {
      const running: UnitSighting[] = [];
      for (const [id, members] of readSessions()) {
        const unit = parseUnitId(id);
        const cpuMs = measured(members.reduce((sum, member) => sum + member.cpuMs, 0));
        const tasks = members.reduce((sum, { threads }) => sum + threads, 0);
        if (unit !== undefined) running.push({ ...unit, state: 'running', cpuMs, tasks });
      }
      // In this order: a session that has gone by now has left its record before.
      return withExits(running, await sightExits(files));
    },
    members: async unit => (readSessions().get(unitId(unit)) ?? []).map(({ pid }) => pid),
    signal: async (unit: UnitName, signal, to) => {
      const members = readSessions().get(unitId(unit)) ?? [];
      for (const { pid } of to === 'all' ? members : mainOf(members)) signalProcess(pid, signal);
    },
  };
};
