import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFiles, type Files } from '../../../platform/files.ts';
import {
  type CgroupTree,
  isPopulated,
  makeRunGroup,
  processesIn,
  removeGroup,
} from './cgroup-tree.ts';
import { readCpu, readTasks } from './group-readings.ts';
import { launchSession } from './launch-session.ts';
import { asOwner, leaderOf } from './leader.ts';
import { createPrepareRun, sightExits, withExits } from './pilot-files.ts';
import { parseStat } from './proc-stat.ts';
import { readProcFile, signalProcess } from './processes.ts';
import { type PilotUnits, parseUnitId, type UnitName, type UnitSighting, unitId } from './unit.ts';

/**
 * Stays with the run, in a group of its own beside the pilot's. Once the pilot has ended, what it left
 * behind is told to end, then killed, as systemd would; only then the end is recorded.
 */
const LEADER = `
trap : TERM INT HUP QUIT
record=$1 leader=$2 group=$3; shift 3
echo $$ >"$leader/cgroup.procs" || exit 1
/bin/sh -c 'echo $$ >"$1/cgroup.procs" || exit 126; shift; exec "$@"' pilotage-pilot "$group" "$@" &
main=$!
status=0
while kill -0 $main 2>/dev/null; do wait $main; status=$?; done
populated() { grep -q '^populated 1' "$group/cgroup.events"; }
members() { find "$group" -name cgroup.procs -exec cat '{}' +; }
if populated; then
  kill -TERM $(members) 2>/dev/null
  waited=0
  while populated && [ $waited -lt 10 ]; do sleep 1; waited=$((waited + 1)); done
fi
while populated; do
  if [ -e "$group/cgroup.kill" ]; then echo 1 >"$group/cgroup.kill"; else kill -KILL $(members) 2>/dev/null; fi
  sleep 0.2
done
result=success
[ $status = 0 ] || result=exit-code
[ $status -le 128 ] || result=signal
if [ $status -ne 0 ] && grep -q '^oom_kill [1-9]' "$group/memory.events" 2>/dev/null; then result=oom-kill; fi
if [ $status -gt 128 ]; then end="killed $((status - 128))"; else end="exited $status"; fi
echo "$result $end" >"$record.new" && mv "$record.new" "$record"
`;

/** For machines without systemd whose control groups can be written to: limits, and an end that spares nothing. */
export const createCgroupUnits = (files: Files, tree: CgroupTree): PilotUnits => {
  const groupOf = (unit: UnitName): string => join(tree.folder, unitId(unit));
  const pilotOf = (unit: UnitName): string => join(groupOf(unit), 'pilot');
  const prepareRun = createPrepareRun(files);
  // The tree is the real machine's, whatever else is not.
  const host = createFiles();

  /** The pilot's own process is the leader's child. */
  const mainOf = (unit: UnitName): number[] => {
    const leaders = new Set(processesIn(join(groupOf(unit), 'leader')));
    return processesIn(pilotOf(unit)).filter(pid => {
      const stat = parseStat(readProcFile(pid, 'stat') ?? '');
      return stat !== undefined && leaders.has(stat.parent);
    });
  };

  /** Groups of earlier runs of the slot that have ended; nobody is in them. */
  const forget = async (unit: UnitName): Promise<void> => {
    for (const name of await host.list(tree.folder)) {
      const older = parseUnitId(name);
      if (older?.slot === unit.slot && !isPopulated(join(tree.folder, name)))
        removeGroup(join(tree.folder, name));
    }
  };

  return {
    kind: 'cgroup',
    start: async (spec, prepare) => {
      await prepareRun(spec, spec.owner);
      await prepare?.();
      await forget(spec);
      const { pilot, leader } = makeRunGroup(tree, unitId(spec), spec.limits);
      const args = [leader, pilot, ...asOwner(spec)];
      await launchSession(leaderOf(files, spec, { script: LEADER, args, environment: {} }));
    },
    sight: async () => {
      const running: UnitSighting[] = [];
      for (const name of await host.list(tree.folder)) {
        const unit = parseUnitId(name);
        const folder = join(tree.folder, name);
        if (unit === undefined || !isPopulated(folder)) continue;
        const cpuMs = readCpu(host, folder);
        const tasks = readTasks(host, join(folder, 'pilot'));
        running.push({
          ...unit,
          state: 'running',
          cpuMs,
          ...(tasks === undefined ? {} : { tasks }),
        });
      }
      // In this order: a run whose group is empty by now has left its record before.
      return withExits(running, await sightExits(files));
    },
    members: async unit => processesIn(pilotOf(unit)),
    signal: async (unit, signal, to) => {
      const kill = join(pilotOf(unit), 'cgroup.kill');
      if (to === 'all' && signal === 'KILL' && existsSync(kill)) writeFileSync(kill, '1');
      else
        for (const pid of to === 'all' ? processesIn(pilotOf(unit)) : mainOf(unit))
          signalProcess(pid, signal);
    },
  };
};
