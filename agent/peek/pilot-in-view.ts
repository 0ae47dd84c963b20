import type { Clock } from '../../platform/clock.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files, Ownership } from '../../platform/files.ts';
import type { PilotUnits, UnitName } from '../pilot/unit/unit.ts';

export interface LookPorts {
  clock: Clock;
  exec: Exec;
  /** The VM's files, and those of the machine on which the process runs. */
  files: Files;
  host: Files;
  units: PilotUnits;
}

/** One run of a pilot, as far as it is looked at. Paths are the machine's. */
export interface PilotInView {
  unit: UnitName;
  /** As whom its files are read; `undefined` where pilots run as ourselves. */
  owner: Ownership | undefined;
  /** Names of its users, for people. */
  users: ReadonlyMap<number, string>;
  home: string;
  /** The run's folder in memory. */
  folder: string;
}

/** What was seen. */
export interface Sight {
  text: string;
  isCut?: boolean;
  nextByte?: number;
}

/** There is nothing to see, and why: it goes to whoever asked. */
export const refused = (message: string): PilotageError =>
  new PilotageError('peek-refused', message);
