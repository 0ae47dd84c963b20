import { messageOf } from '../../platform/errors.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { SourceOptions } from '../context/sources/source.ts';
import { readLearnt } from '../learnt.ts';
import type { MachineId } from '../machine.ts';
import { later } from '../moment.ts';
import type { NoticeVm } from '../monitor/notices/source.ts';
import type { NoticeWatch } from '../monitor/notices/watch.ts';
import type { Snapshot } from '../monitor/snapshot.ts';
import type { Prepared } from '../monitor/tick.ts';
import { createNow } from '../now.ts';
import type { AgentPorts } from '../ports.ts';
import type { SystemStop } from './system-stop.ts';

/** What the world outside says of this VM's end: its cloud's notices, and the end of its system. */
export interface EndWatch {
  /** Looks where this context says, and where the VM's cloud tells, from now on. */
  takeUp(prepared: Prepared): void;
  /** For the next snapshot. */
  told(): Pick<Snapshot, 'notices' | 'noticeTroubles' | 'systemStop'>;
  /** That time, or what the end of the system leaves of it. */
  boundMs(ms: number): number;
  /** The pilots have ended, and all is said. Bounded; never fails. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

export interface EndWatchParts {
  machine: MachineId;
  systemStop: Pick<SystemStop, 'stopping' | 'leftMs'>;
  /** Where metadata services are. */
  metadata: SourceOptions;
  /** Something is announced, or no longer. */
  changed(): void;
}

export const createEndWatch = (
  { http, files, clock, log }: Pick<AgentPorts, 'http' | 'files' | 'clock' | 'log'>,
  { machine: { bootId }, systemStop, metadata: options, changed }: EndWatchParts,
): EndWatch => {
  let watch: NoticeWatch | undefined;
  let beginning: Promise<void> = Promise.resolve();
  let { ending } = DEFAULT_CONTEXT;
  let isStopped = false;
  const now = createNow(clock, bootId);

  const begin = async ({ context }: Prepared): Promise<void> => {
    const before = watch;
    watch = undefined;
    await before?.stop();
    const settings = context.policies.preemption;
    if (settings === false) return;
    const { cloud, lifeCycle } = (await readLearnt(files, bootId))?.facts ?? {};
    const vm: NoticeVm = { cloud, lifeCycle, settings };
    // A VM of which nobody announces anything does not carry what would ask.
    if (cloud === undefined && !settings.machineFeatures && !settings.jobFeatures) return;
    const { NOTICE_SOURCES } = await import('../monitor/notices/index.ts');
    const sources = NOTICE_SOURCES.filter(source => source.isFor(vm));
    if (sources.length === 0) return;
    const { createNoticeWatch } = await import('../monitor/notices/watch.ts');
    if (isStopped) return;
    log.info({ cloud, sources: sources.map(({ name }) => name) }, 'notices are looked for');
    watch = createNoticeWatch({ http, files, clock, log, options, now }, vm, changed, sources);
  };

  const isStopping = (): boolean => systemStop.stopping.aborted;
  const leftMs = (): number => systemStop.leftMs(ending.systemStop);
  systemStop.stopping.addEventListener('abort', changed, { once: true });

  return {
    takeUp: prepared => {
      ({ ending } = prepared.context);
      beginning = beginning
        .then(() => begin(prepared))
        .catch((error: unknown) =>
          log.error({ error: messageOf(error) }, 'notices are not looked for'),
        );
    },
    told: () => ({
      ...(watch === undefined
        ? {}
        : { notices: watch.notices(), noticeTroubles: watch.troubles() }),
      ...(isStopping() ? { systemStop: later(now(), leftMs()) } : {}),
    }),
    boundMs: ms => (isStopping() ? Math.min(ms, leftMs()) : ms),
    ended: async () => watch?.ended(),
    stop: async () => {
      isStopped = true;
      await watch?.stop();
    },
  };
};
