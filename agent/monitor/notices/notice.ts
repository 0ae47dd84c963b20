import type { Moment } from '../../moment.ts';

/**
 * What somebody announces NOW of this VM's end. One that was withdrawn is gone. `advice` has no deadline
 * and promises nothing.
 */
export interface Notice {
  /** The same for as long as it is the same announcement, within its source. */
  id: string;
  source: string;
  kind: 'preempt' | 'advice';
  /** When the VM will be taken; fixed when it was first heard, so that no clock step moves it. */
  deadline?: Moment;
  /** One line for people. */
  because: string;
}
