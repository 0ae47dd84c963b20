import type { Ownership } from '../../../platform/files.ts';
import type { Reading } from '../../reading.ts';

/** Names one run of one slot. The generation is persisted before the start, so no two runs share it. */
export interface UnitName {
  slot: string;
  generation: number;
}

export interface UnitSpec extends UnitName {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  workingFolder: string;
  /** As whom it runs. */
  user: string;
  /** Numbers of the slot's user, to whom the run's folder belongs; `undefined` where there is no such user. */
  owner: Ownership | undefined;
  limits: UnitLimits;
  /**
   * Device files, or groups of them as systemd names them, that it may open beside those that every program
   * needs; `undefined`: all that its user may.
   */
  devices?: readonly string[] | undefined;
  /** Groups below the unit's are its own to make. */
  makesGroups?: boolean;
  /** What it may see of our folders and of others' scratch; all of it where this is not said. */
  reach?: UnitReach;
}

export interface UnitLimits {
  cores: number;
  memoryMb: number;
  tasks: number;
  /** Of swap; without it as much as there is. */
  swapMb?: number;
}

/** Paths of the machine that belong to one run, in folders that are otherwise closed to it. */
export interface UnitReach {
  /** The folder that holds every slot's. */
  scratch: string;
  /** In scratch and in our folder in memory: may be written to as far as their owner lets. */
  own: readonly string[];
  /** The same, to be read alone. */
  shown: readonly string[];
  /** The folder, root's, in which its /tmp lies, so that what it leaves there counts as its own. */
  tmp: string;
}

/** How a run ended: the words of systemd's $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS. */
export interface UnitExit {
  result: string;
  code: string;
  status: string;
  /** For people, where no unit came to be: one line. */
  why?: string;
}

/** A unit that exists: it runs, or has left the record of its end; or one that is just being prepared. */
export type UnitSighting = UnitName &
  (
    | { state: 'preparing' }
    | {
        state: 'running';
        cpuMs: Reading;
        /** Processes and threads that are in it, as far as that was seen. */
        tasks?: number;
      }
    | { state: 'ended'; exit: UnitExit }
  );

export type UnitSignal = 'TERM' | 'QUIT' | 'KILL';

/**
 * Where pilots live. A unit outlives the agent, and what is seen of it comes from the system alone,
 * never from the agent's memory.
 */
export interface PilotUnits {
  /** How they are kept apart, for people: `systemd`, `cgroup`, `session with rlimits` or `session`. */
  readonly kind: string;
  /** @param prepare puts the run's own files into its folder, which is there by then */
  start(spec: UnitSpec, prepare?: () => Promise<void>): Promise<void>;
  /** Every unit of ours there is, whatever the agent remembers. */
  sight(): Promise<UnitSighting[]>;
  /** The processes of a unit, whatever they have become; none once it has ended. */
  members(unit: UnitName): Promise<number[]>;
  /** To every process of the unit, or to the first one alone; no error if it has ended by now. */
  signal(unit: UnitName, signal: UnitSignal, to: 'all' | 'main'): Promise<void>;
}

export const unitId = ({ slot, generation }: UnitName): string => `${slot}-${generation}`;

export const parseUnitId = (id: string): UnitName | undefined => {
  const match = /^([0-9]{2,5})-([0-9]{1,9})$/.exec(id);
  return match?.[1] === undefined ? undefined : { slot: match[1], generation: Number(match[2]) };
};

/** `success exited 0` as the unit's end wrote it. */
export const parseExit = (text: string): UnitExit => {
  const [result = 'unknown', code = 'unknown', status = 'unknown'] = text
    .split(/\s+/)
    .filter(word => word !== '');
  return { result, code, status };
};

/** Signals by number, as far as shells report them by number; systemd names them by itself. */
const SIGNALS: Readonly<Record<string, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  15: 'TERM',
};

/** For people: `exit 3`, `signal KILL`, `oom-kill (signal KILL)`. */
export const describeExit = ({ result, code, status, why }: UnitExit): string => {
  if (why !== undefined) return `${result}: ${why}`;
  if (code === 'exited') return `exit ${status}`;
  if (code !== 'killed' && code !== 'dumped') return result;
  const signal = `signal ${SIGNALS[status] ?? status}`;
  // TERM counts as a success for systemd.
  return ['signal', 'core-dump', 'success'].includes(result) ? signal : `${result} (${signal})`;
};

export const isSuccess = ({ code, status }: UnitExit): boolean =>
  code === 'exited' && status === '0';
