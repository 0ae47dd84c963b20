import type { Ownership } from '../../../platform/files.ts';
import type { Trust } from '../../../platform/http.ts';
import type { PilotsContext } from '../../context/schema/pilots.ts';
import type { Context } from '../../context/schema.ts';
import type { Answer } from '../answer.ts';
import type { Outcome } from '../outcome.ts';
import type { Slot } from '../slots.ts';
import type { UnitExit, UnitName, UnitSignal } from '../unit/unit.ts';

/** As whom something is done: the slot's user, or the machine's administrator. */
export type Actor = 'pilot' | 'root';

/** One run of a pilot, as its kind has to know it. Paths are the machine's. */
export interface PilotRun<P extends PilotsContext = PilotsContext> {
  pilots: P;
  context: Context;
  slot: Slot;
  unit: UnitName;
  /** The slot user's numbers, once that user exists. */
  owner: Ownership | undefined;
  places: {
    /** The run's own folder in memory; it belongs to the slot's user. */
    folder: string;
    /** Where the pilot may write one line of what it does. */
    status: string;
    /** What it prints; the file is not its own. */
    stdout: string;
    /** The slot's folder on disk. */
    home: string;
    /** The folder above it, which every user may pass through. */
    scratch: string;
    /** Where secrets lie in memory; the slot's copies are in `<secrets>/<slot.user>`. */
    secrets: string;
  };
  /** Where a path of the machine lies for the programs that run on it. */
  at(path: string): string;
  vm: {
    name: string;
    /** UNIX time at which all payloads must have ended, whatever happens. */
    endsAtS: number;
  };
  /** What every pilot is told by its environment. */
  environment: Readonly<Record<string, string>>;
}

/** A file that is fetched before the start. No redirect is followed; what fails in passing is tried again. */
export interface Download {
  url: string;
  /** A web proxy, asked first for plain HTTP; where it fails, the server itself is asked. */
  proxy?: string | undefined;
  /** Of an HTTPS server; without it, one of the system's authorities vouches for it. */
  trust?: Trust;
  /** For all tries together. */
  timeoutMs: number;
  maxBytes: number;
  /** What it has to begin with, such as `#!`, so that nobody's error page is taken for it. */
  begins?: string;
  /** In hexadecimal digits. */
  sha256?: string | undefined;
  sha1?: string | undefined;
}

/** A folder or file that a run needs. Files lie in memory; below the slot's home there are only folders. */
export interface LaunchFile {
  path: string;
  mode: number;
  owner: Actor;
  /** Its text; without it, a folder. A copy follows its source for as long as the run lasts. */
  content?: string | { copyOf: string } | { download: Download };
}

export const isDownload = ({ content }: LaunchFile): boolean =>
  typeof content === 'object' && 'download' in content;

/** What a pilot is started with, beyond what every pilot gets. */
export interface Launch {
  user: Actor;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** It makes groups of its own for its payloads, below that of its unit. Only root can. */
  makesGroups?: boolean;
  /** In the order in which they are made. */
  files: readonly LaunchFile[];
}

/** A program that is run beside a pilot, to ask or to tell it something. */
export interface Command {
  program: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  user: Actor;
  timeoutMs: number;
  /** Bytes kept of what it says, the last ones; 64 KiB if not said. */
  maxOutputBytes?: number;
}

/** What is asked of a running pilot: a file at every look, a program once in a while. */
export interface Question {
  /** Read at every look, at most a few hundred bytes of it. */
  file: string;
  /** What the file alone tells. */
  read(text: string | undefined): Answer;
  /** A log, each of whose lines is seen once; what it tells goes before what the file does. */
  follow?: { log: string; next(before: Answer | undefined, lines: readonly string[]): Answer };
  /** Run no oftener than that, and only where the file says that the pilot is ready. */
  ask?: { everyMs: number; command: Command; parse(output: string): Answer };
  /** Read once, when the run has ended: so many last bytes of a file, for what they tell of it. */
  end?: { file: string; bytes: number; read(text: string): Partial<Answer> };
}

/** One thing that is done to tell a pilot something. */
export type TellStep =
  | { do: 'write'; path: string; content: string; mode: number; owner: Actor }
  /** A failure of it is logged; the next step is done all the same. */
  | { do: 'run'; command: Command };

/** Logs that a pilot writes itself, beside its output. */
export interface OwnLogs {
  /** Below `places.scratch` or `places.folder`; a path of the machine. */
  folder: string;
  /** Names of files in it; `*` stands for any text. What was renamed to `….old` is the beginning of what follows. */
  names: readonly string[];
}

/** The end of a run, with what was last known of it. */
export interface RunEnd {
  exit: UnitExit;
  ranMs: number;
  last: Answer | undefined;
}

/**
 * A kind of pilot. It is pure: it says what is to be written, run and read, and what the answers mean;
 * the monitor does it.
 */
export interface PilotKind<P extends PilotsContext = PilotsContext> {
  readonly name: P['kind'];
  launch(run: PilotRun<P>): Launch;
  question(run: PilotRun<P>): Question;
  /** Users beside the slot's own under which payloads run. */
  payloadUsers?(pilots: P, slot: Pick<Slot, 'user' | 'cores'>): readonly string[];
  /** Without it the drain file, which every pilot can see, is all that tells a pilot of a drain. */
  tell?: {
    /** @param drain the UNIX time at which its pilot is ended, and why, for people: one line */
    drain(run: PilotRun<P>, drain: { untilS: number; reason: string }): readonly TellStep[];
    undrain(run: PilotRun<P>): readonly TellStep[];
    /** Payloads must go now, and may take this long to save their work. */
    hurry(run: PilotRun<P>, leftMs: number): readonly TellStep[];
    /** How long before a pilot's end it is hurried, ms. */
    hurryMs(pilots: P): number;
  };
  /** Logs that its pilots write themselves; they are read with the pilot's own numbers. */
  logs?(run: PilotRun<P>): OwnLogs;
  /** True for a process of the pilot's own below which its payloads run; without it all below its first one are payloads. */
  isRunner?(process: { name: string; command: string }): boolean;
  /**
   * True if a pilot that was told of a drain takes no further payload. Of another a payload may still start
   * after a drain; its pilots can only see the drain file.
   */
  readonly refusesPayloads: boolean;
  /** True if its pilots end themselves once they are idle for `idleEnd`. */
  readonly endsIdle?: boolean;
  /** What ends it in order, before KILL does. */
  readonly stop: { signal: UnitSignal; to: 'all' | 'main' };
  classify(end: RunEnd, pilots: P): Outcome;
}
