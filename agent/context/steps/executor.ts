import type { StepKind, StepOf } from '../step.ts';
import type { StepPorts } from './ports.ts';

/** What does one kind of step, and takes it back. */
export interface Executor<K extends StepKind> {
  /**
   * Doing it twice changes nothing.
   * @param previous the step of the same id that an earlier run began, whether it got to its end or
   *   not: what it did and this one does not is taken back
   */
  apply(step: StepOf<K>, ports: StepPorts, previous: StepOf<K> | undefined): Promise<void>;
  /**
   * Takes back what `apply` did, also in part; called when a changed context no longer asks for it.
   * Absent: it cannot be taken back, or a reboot does it.
   * @param step as its marker kept it, without its secrets
   */
  undo?(step: StepOf<K>, ports: StepPorts): Promise<void>;
  /**
   * Whether what an earlier success left is still there, where others may take it away: a disk that came
   * back blank, say. If not, the step is done again although its marker would spare it. Absent: it is.
   */
  holds?(step: StepOf<K>, ports: StepPorts): Promise<boolean>;
}

export type Executors = { [K in StepKind]: Executor<K> };
