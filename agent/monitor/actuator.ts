import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Context } from '../context/schema.ts';
import { gpuDevices } from '../gpus/gpu.ts';
import type { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { kindOf } from '../pilot/kinds/index.ts';
import { isDownload, type Launch, type PilotRun, type TellStep } from '../pilot/kinds/kind.ts';
import type { Slot } from '../pilot/slots.ts';
import type { PilotAction } from '../pilot/supervise.ts';
import {
  type PilotUnits,
  type UnitName,
  type UnitSighting,
  type UnitSpec,
  unitId,
} from '../pilot/unit/unit.ts';
import type { Decision } from './decide.ts';
import type { PilotHands } from './pilot-hands.ts';
import type { DescribeRun } from './pilot-runs.ts';
import { limitsOf, reachOf } from './plan-unit.ts';
import type { ScratchBounds } from './scratch-bounds.ts';

export interface ActuatorPorts {
  files: Files;
  units: PilotUnits;
  log: Log;
}

/** Does what was decided. What fails is told by the next look at the units, never by an exception. */
export interface Actuator {
  actuate(decision: Decision, now: Moment, context: Context, slots: readonly Slot[]): Promise<void>;
  /** Starts that failed since the last look, as ends of their units. */
  takeFailedStarts(): UnitSighting[];
  /** Units that something is still fetched for, beside the ticks. */
  preparing(): UnitSighting[];
  /** Ends what is still fetched: its pilot must not start once nobody looks. */
  stop(): Promise<void>;
}

/** A start beside the ticks, and what ends it. */
interface Preparation {
  unit: UnitName;
  cancel: AbortController;
  done: Promise<void>;
}

export const createActuator = (
  { files, units, log }: ActuatorPorts,
  hands: PilotHands,
  describeRun: DescribeRun,
  bounds?: ScratchBounds,
): Actuator => {
  let failedStarts: UnitSighting[] = [];
  /** Not known at first: an agent before this one may have told something else. */
  let toldShutdown: string | undefined | null = null;

  const preparing = new Map<string, Preparation>();

  const start = async (run: PilotRun, launch: Launch, signal?: AbortSignal): Promise<void> => {
    const { slot, unit, owner, places } = run;
    const spec: UnitSpec = {
      ...unit,
      command: launch.command,
      environment: { ...run.environment, ...launch.environment },
      workingFolder: places.home,
      user: launch.user === 'root' ? 'root' : slot.user,
      owner,
      devices: gpuDevices(slot.gpus),
      ...(launch.makesGroups === undefined ? {} : { makesGroups: launch.makesGroups }),
      limits: limitsOf(run),
      reach: reachOf(run, launch),
    };
    await bounds?.prepare(run);
    await units.start(spec, async () => {
      await hands.prepare(run, launch.files, signal);
      signal?.throwIfAborted();
    });
    log.info({ unit: unitId(unit), user: spec.user, cores: slot.cores }, 'pilot started');
  };

  const noteFailure = (action: PilotAction, error: unknown): void => {
    const why = messageOf(error).replaceAll(/[^ -~]/g, ' ');
    log.warn(
      { unit: unitId(action), action: action.kind, error: why },
      'a pilot could not be handled',
    );
    if (action.kind !== 'start') return;
    const { slot, generation } = action;
    const status = isPilotageError(error) ? error.code : '-';
    const exit = { result: 'start-failed', code: 'failed', status, why: why.slice(0, 300) };
    failedStarts.push({ slot, generation, state: 'ended', exit });
  };

  /** A start that waits for a server holds no tick up; the pilot's signal ends it as well. */
  const begin = async (action: PilotAction, run: PilotRun): Promise<void> => {
    const launch = kindOf(run.pilots).launch(run);
    if (!launch.files.some(isDownload)) return start(run, launch);
    const id = unitId(run.unit);
    const cancel = new AbortController();
    const done = start(run, launch, cancel.signal)
      .catch((error: unknown) => noteFailure(action, error))
      .finally(() => preparing.delete(id));
    preparing.set(id, { unit: run.unit, cancel, done });
  };

  /** What its kind says a pilot is to be told. */
  const stepsOf = (
    action: Exclude<PilotAction, { kind: 'start' | 'signal' }>,
    run: PilotRun,
    reason: string,
    now: Moment,
  ): readonly TellStep[] => {
    const { tell } = kindOf(run.pilots);
    const untilS = Math.min(
      run.vm.endsAtS,
      Math.floor((now.wallMs + ('leftMs' in action ? action.leftMs : 0)) / 1000),
    );
    switch (action.kind) {
      case 'drain':
        return tell?.drain(run, { untilS, reason: reason.replaceAll(/[^ -~]/g, ' ') }) ?? [];
      case 'undrain':
        return tell?.undrain(run) ?? [];
      case 'hurry':
        return tell?.hurry(run, action.leftMs) ?? [];
    }
  };

  const act = async (
    action: PilotAction,
    { reason, hardEnd }: Decision,
    now: Moment,
    context: Context,
    slots: readonly Slot[],
  ): Promise<void> => {
    try {
      if (action.kind === 'signal') {
        preparing.get(unitId(action))?.cancel.abort();
        await units.signal(action, action.signal, action.to);
        log.info({ unit: unitId(action), signal: action.signal }, 'pilot signalled');
        return;
      }
      const unit: UnitName = { slot: action.slot, generation: action.generation };
      const slot = slots.find(({ name }) => name === unit.slot);
      const run = slot && (await describeRun(unit, slot, context, hardEnd));
      if (run === undefined) return;
      if (action.kind === 'start') return await begin(action, run);
      await hands.tell(run, stepsOf(action, run, reason, now));
      log.info({ unit: unitId(unit), what: action.kind }, 'pilot told');
    } catch (error) {
      noteFailure(action, error);
    }
  };

  /** Pilots that look at the drain file end their work in time. */
  const tellShutdown = async (shutdown: Moment | undefined): Promise<void> => {
    const told = shutdown === undefined ? undefined : String(Math.floor(shutdown.wallMs / 1000));
    if (told === toldShutdown) return;
    try {
      if (told === undefined) await files.remove(PATHS.draining);
      else {
        await files.makeDirectory(PATHS.told, { mode: 0o755 });
        await files.write(PATHS.draining, `${told}\n`, { mode: 0o644 });
      }
      toldShutdown = told;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the pilots could not be told of the shutdown time');
    }
  };

  return {
    actuate: async (decision, now, context, slots) => {
      await tellShutdown(decision.shutdown);
      await Promise.all(decision.actions.map(action => act(action, decision, now, context, slots)));
    },
    takeFailedStarts: () => {
      const taken = failedStarts;
      failedStarts = [];
      return taken;
    },
    stop: async () => {
      for (const { cancel } of preparing.values()) cancel.abort();
      await Promise.all([...preparing.values()].map(({ done }) => done));
    },
    preparing: () => [...preparing.values()].map(({ unit }) => ({ ...unit, state: 'preparing' })),
  };
};
