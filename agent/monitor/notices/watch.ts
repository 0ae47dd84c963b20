import { isPilotageError, messageOf, PilotageError } from '../../../platform/errors.ts';
import type { Log } from '../../../platform/log.ts';
import { waitAtMost } from '../../../platform/with-deadline.ts';
import { later, type Moment } from '../../moment.ts';
import type { Notice } from './notice.ts';
import type { Announcement, NoticePorts, NoticeSource, NoticeVm, Poller } from './source.ts';

/** The pause while a source fails, or its own where that is longer: a notice may be minutes old by then. */
const TROUBLED_MS = 5000;
const ACKNOWLEDGE_MS = 3000;
/** What hangs in a file is not waited for. */
const STOP_MS = 1000;
/** A source that says more is a mistake of somebody's. */
const MOST_NOTICES = 16;

export interface NoticeWatchPorts extends NoticePorts {
  log: Log;
  now: () => Moment;
}

/** Looks for announcements of this VM's end, each source by a loop of its own beside the ticks. */
export interface NoticeWatch {
  /** What is announced now. Of a source that fails, what it said last. */
  notices(): readonly Notice[];
  /** Sources that could not be asked last time, and why: one line each. */
  troubles(): readonly string[];
  /** The pilots have ended: clouds that wait for that are told. Bounded; never fails. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

interface Followed {
  source: NoticeSource;
  poller: Poller;
  /** By id, with the words of which the deadline was made. */
  known: ReadonlyMap<string, { told: string; notice: Notice }>;
  trouble?: string;
}

const sayOnce = (text: string): string => text.replaceAll(/[^ -~]/g, ' ').slice(0, 300);

/** @param changed something is announced, or no longer */
export const createNoticeWatch = (
  { log, now, ...ports }: NoticeWatchPorts,
  vm: NoticeVm,
  changed: () => void,
  sources: readonly NoticeSource[],
): NoticeWatch => {
  const { clock } = ports;
  const stopping = new AbortController();
  const { signal } = stopping;

  const hear = (one: Followed, announced: readonly Announcement[]): void => {
    const before = one.known;
    const at = now();
    const source = one.source.name;
    one.known = new Map(
      announced.slice(0, MOST_NOTICES).map(({ id, kind, leftMs, told, because }) => {
        const kept = before.get(id);
        if (kept?.told === told) return [id, kept];
        const deadline = leftMs === undefined ? {} : { deadline: later(at, Math.max(0, leftMs)) };
        const notice: Notice = { id, source, kind, ...deadline, because: sayOnce(because) };
        log.warn({ source, id, kind, leftMs, because: notice.because }, 'an announcement');
        return [id, { told, notice }];
      }),
    );
    const withdrawn = [...before.keys()].filter(id => !one.known.has(id));
    for (const id of withdrawn) log.warn({ source, id }, 'an announcement was withdrawn');
    if (withdrawn.length > 0 || [...one.known].some(([id, next]) => before.get(id) !== next))
      changed();
  };

  const acknowledge = async ({ source, poller }: Followed): Promise<void> => {
    try {
      await waitAtMost(clock, ACKNOWLEDGE_MS, poller.acknowledge?.() ?? Promise.resolve());
    } catch (error) {
      const why = messageOf(error);
      log.warn({ source: source.name, error: why }, 'a cloud could not be told that we are ready');
    }
  };

  const look = async (one: Followed, work: Promise<readonly Announcement[]>): Promise<void> => {
    const { name, timeoutMs } = one.source;
    const announced = await waitAtMost(clock, timeoutMs, work);
    if (announced === undefined)
      throw new PilotageError('http-timeout', `${name} did not answer within ${timeoutMs} ms`);
    if (one.trouble !== undefined) log.info({ source: name }, 'a source of notices answers again');
    delete one.trouble;
    hear(one, announced);
  };

  const follow = async (one: Followed): Promise<void> => {
    const { source, poller } = one;
    const everyMs = source.everyMs(vm);
    // One look that hangs, as a file of a dead server does, is not joined by a second.
    let work: Promise<readonly Announcement[]> | undefined;
    while (!signal.aborted) {
      let hasFailed = false;
      try {
        work ??= poller.poll().finally(() => {
          work = undefined;
        });
        await look(one, work);
        if (vm.settings.acknowledge === 'at-once') await acknowledge(one);
      } catch (error) {
        if (!isPilotageError(error)) throw error;
        if (signal.aborted) return;
        hasFailed = true;
        if (one.trouble === undefined)
          log.warn({ source: source.name, error: messageOf(error) }, 'a source of notices fails');
        one.trouble = sayOnce(`${source.name}: ${messageOf(error)}`);
      }
      await clock.sleep(hasFailed ? Math.max(everyMs, TROUBLED_MS) : everyMs, signal);
    }
  };

  const all = sources
    .filter(source => source.isFor(vm))
    .map(
      (source): Followed => ({
        source,
        poller: source.create(ports, vm, signal),
        known: new Map(),
      }),
    );
  const loops = all.map(one =>
    follow(one).catch((error: unknown) => {
      one.trouble = sayOnce(`${one.source.name} is not asked any more: ${messageOf(error)}`);
      log.error({ source: one.source.name, error: messageOf(error) }, 'a source is asked no more');
    }),
  );

  return {
    notices: () => all.flatMap(({ known }) => [...known.values()].map(({ notice }) => notice)),
    troubles: () => all.flatMap(({ trouble }) => trouble ?? []),
    ended: async () => {
      if (vm.settings.acknowledge === 'when-ended') await Promise.all(all.map(acknowledge));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(all.map(({ poller }) => poller.close()));
      await waitAtMost(clock, STOP_MS, Promise.all(loops));
    },
  };
};
