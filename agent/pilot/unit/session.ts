import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import { measured } from '../../reading.ts';
import { createLaunchSession } from './launch-sessions.ts';
import { createPrepareRun, pilotFiles, sightExits, withExits } from './pilot-files.ts';
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
const USER_HZ = 100;

/**
 * Stays with the run as its session's leader, whatever becomes of the agent, and records its end. It
 * outlives a signal to the session so that it can still tell how its pilot took it.
 */
const LEADER = `
trap : TERM INT HUP QUIT
record=$1; shift
"$@"
status=$?
if [ $status -gt 128 ]; then printf 'signal killed %s' $((status - 128)); else printf '%s exited %s' "$([ $status = 0 ] && echo success || echo exit-code)" $status; fi >"$record.new" && mv "$record.new" "$record"
`;

interface Process {
  pid: number;
  session: number;
  parent: number;
  threads: number;
  cpuMs: number;
}

/** proc(5): what follows the parenthesized name begins with field 3. */
export const parseStat = (stat: string): Process | undefined => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].map(index => Number(fields[index]));
  const session = Number(fields[3]);
  const parent = Number(fields[1]);
  const threads = Number(fields[17]);
  const pid = Number.parseInt(stat, 10);
  if (![pid, session, parent, threads, ...ticks].every(Number.isFinite) || fields[0] === 'Z')
    return undefined;
  return {
    pid,
    session,
    parent,
    threads,
    cpuMs: (ticks.reduce((sum, tick) => sum + tick, 0) * 1000) / USER_HZ,
  };
};

/** A process that ends while it is looked at is none. */
const readProcFile = (pid: number, name: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
};

const readProcesses = (): Process[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => parseStat(readProcFile(Number(name), 'stat') ?? ''))
    .filter(process => process !== undefined);

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
 * For machines without systemd, and folders that stand for machines: each run is a session of its own
 * told by a mark in its environment. There are no limits but the system's.
 * @param keepsApart whether pilots run as their slot's user; if not, as ourselves
 */
export const createSessionUnits = (files: Files, keepsApart = false): PilotUnits => {
  const folder = files.locate('/');
  const prefix = `${folder}:`;
  const prepareRun = createPrepareRun(files);
  const launch = createLaunchSession();

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

  /** As its own user, where pilots are kept apart from us and from each other. */
  const commandOf = ({ command, user, owner }: UnitSpec): readonly string[] => {
    if (!keepsApart || user === 'root' || owner === undefined) return command;
    const ids = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
    return ['setpriv', ...ids, '--', ...command];
  };

  return {
    kind: 'session',
    start: async (spec, prepare) => {
      await prepareRun(spec, spec.owner);
      await prepare?.();
      const { stdout, stderr, exit } = pilotFiles(spec);
      await launch({
        id: unitId(spec),
        command: [
          '/bin/sh',
          '-c',
          LEADER,
          'pilotage-pilot',
          files.locate(exit),
          ...commandOf(spec),
        ],
        environment: { ...spec.environment, [MARK]: `${prefix}${unitId(spec)}` },
        workingFolder: files.locate(spec.workingFolder),
        stdout: files.locate(stdout),
        stderr: files.locate(stderr),
      });
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
      for (const { pid } of to === 'all' ? members : mainOf(members)) {
        try {
          process.kill(pid, `SIG${signal}`);
        } catch (error) {
          if (errnoOf(error) !== 'ESRCH') throw error;
        }
      }
    },
  };
};
