import type { Clock } from '../../../platform/clock.ts';
import type { Files } from '../../../platform/files.ts';
import type { Http } from '../../../platform/http.ts';
import type { Preemption } from '../../context/schema/policies.ts';
import type { SourceOptions } from '../../context/sources/source.ts';
import type { Learnt } from '../../learnt.ts';
import type { Notice } from './notice.ts';

/** What a source says at one look; the watch fixes the deadline. */
export interface Announcement extends Pick<Notice, 'id' | 'kind' | 'because'> {
  /** ms from this look until the VM is taken; absent for advice. */
  leftMs?: number;
  /** What was said of the time, word by word: while it is the same, so is the deadline. */
  told: string;
}

/** What is known of this VM, by which sources are chosen. */
export interface NoticeVm extends Pick<Learnt['facts'], 'cloud' | 'lifeCycle'> {
  settings: Preemption;
}

export interface NoticePorts {
  http: Http;
  files: Files;
  clock: Clock;
  /** Where metadata services are. */
  options: SourceOptions;
}

/** Asks one source, a look at a time. */
export interface Poller {
  /** All that is announced now. Fails with a PilotageError if there is no usable answer, which withdraws nothing. */
  poll(): Promise<readonly Announcement[]>;
  /** Tells who waits for this VM that they need not any longer; what was told once is not repeated. */
  acknowledge?(): Promise<void>;
  close(): Promise<void>;
}

/** One place from which the end of this VM may be announced. */
export interface NoticeSource {
  name: string;
  /** False where it can have nothing to say. */
  isFor(vm: NoticeVm): boolean;
  /** ms from one look to the next, as its cloud recommends. */
  everyMs(vm: NoticeVm): number;
  /** ms that one look may take, with all its requests. */
  timeoutMs: number;
  /** @param signal ends every request */
  create(ports: NoticePorts, vm: NoticeVm, signal: AbortSignal): Poller;
}
