import { elapsedMs } from '../moment.ts';
import type { PilotStatus } from '../monitor/pilot-status.ts';
import type { Status } from '../monitor/status.ts';
import { toldOf } from './told.ts';
import type { Told, TraceHead, TraceLine, TracePilot } from './trace.ts';

/** Makes a trace of one status of an agent after the other. */
export interface Recorder {
  /** The head, and the line of the first look. */
  begin(status: Status): (Partial<TraceHead> | Partial<TraceLine>)[];
  /** What has changed; `undefined` where nothing has. */
  next(status: Status): Partial<TraceLine> | undefined;
  /** That nothing changed until now; `undefined` where the last line says so. */
  end(): Partial<TraceLine> | undefined;
}

/** An agent that looked at nothing for so long was hung. */
const UNSEEN_MS = 300_000;
/** By how much a credential's life may differ from one that only grew older. */
const RENEWED_MS = 5000;

const readingsOf = ({
  load,
  cpuCores,
  payloads,
  gpus,
  readings,
}: Status): Record<string, Told> => ({
  load: toldOf(load),
  cpuCores: toldOf(cpuCores),
  payloads: toldOf(payloads),
  ...(gpus === undefined ? {} : { gpus: toldOf(gpus) }),
  ...readings,
});

const STATES: Readonly<Record<PilotStatus['state'], TracePilot['state']>> = {
  starting: 'starting',
  running: 'running',
  stopping: 'running',
  waiting: 'ended',
  ended: 'ended',
  'gave-up': 'ended',
};

const exitOf = (lastExit: string | undefined): { exitCode?: number } => {
  if (lastExit === undefined) return {};
  const code = /^exit (\d{1,3})\b/.exec(lastExit)?.[1];
  return { exitCode: code === undefined ? 1 : Number(code) };
};

const pilotOf = (pilot: PilotStatus): TracePilot => {
  const { slot, generation, payloads, payloadsStarted, activity, lastExit } = pilot;
  const state = STATES[pilot.state];
  if (state !== 'running') return { slot, generation, state, ...exitOf(lastExit) };
  return {
    ...{ slot, generation, state },
    ...(payloads === undefined ? {} : { payloads: toldOf(payloads) }),
    ...(payloadsStarted === undefined ? {} : { payloadsStarted }),
    ...(activity === 'joining' ? { ready: false } : {}),
  };
};

const pilotsOf = ({ pilots }: Status): TracePilot[] =>
  pilots.filter(({ generation }) => generation > 0).map(pilotOf);

const livesOf = ({ credentials = [] }: Status): NonNullable<TraceLine['credentials']> =>
  credentials.map(({ name, leftMs }) => ({
    name,
    ...(leftMs === undefined ? {} : { leftMs: Math.max(0, leftMs) }),
  }));

const isRenewed = (before: Status, after: Status): boolean => {
  const passedMs = elapsedMs(before.at, after.at);
  const known = new Map(livesOf(before).map(({ name, leftMs }) => [name, leftMs] as const));
  const lives = livesOf(after);
  return (
    lives.length !== known.size ||
    lives.some(({ name, leftMs }) => {
      const then = known.get(name);
      if (leftMs === undefined || then === undefined) return leftMs !== then;
      return Math.abs(leftMs - Math.max(0, then - passedMs)) > RENEWED_MS;
    })
  );
};

const isHeard = ({ receiver }: Status): 'heard' | 'silent' | undefined => {
  if (receiver === undefined) return undefined;
  return receiver.lastError === undefined ? 'heard' : 'silent';
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const changesOf = (before: Status | undefined, after: Status): Omit<Partial<TraceLine>, 'atMs'> => {
  const known = before === undefined ? {} : readingsOf(before);
  const told = Object.entries(readingsOf(after)).filter(([name, each]) => known[name] !== each);
  const pilots = pilotsOf(after);
  const receiver = isHeard(after);
  const wasUnseen =
    before !== undefined &&
    (before.pid !== after.pid || elapsedMs(before.at, after.at) > UNSEEN_MS);
  return {
    ...(told.length === 0 ? {} : { readings: Object.fromEntries(told) }),
    ...(before !== undefined && isSame(pilotsOf(before), pilots) ? {} : { pilots }),
    ...(receiver === undefined || (before !== undefined && isHeard(before) === receiver)
      ? {}
      : { receiver }),
    ...(after.credentials === undefined || (before !== undefined && !isRenewed(before, after))
      ? {}
      : { credentials: livesOf(after) }),
    ...(wasUnseen ? { unseen: true } : {}),
  };
};

export const createRecorder = (): Recorder => {
  let first: Status | undefined;
  let last: Status | undefined;
  let writtenAtMs = 0;

  const atMsOf = (status: Status): number =>
    first === undefined ? 0 : Math.round(elapsedMs(first.at, status.at));

  return {
    begin: status => {
      first = status;
      last = status;
      const { instanceId, agentVersion, uptimeMs = 0, pilots } = status;
      return [
        {
          trace: 1,
          about: `seen by the agent of ${instanceId}, version ${agentVersion}`,
          ageMs: Math.round(uptimeMs),
          ...(pilots.length === 0
            ? {}
            : {
                slots: pilots.map(({ slot: name, cores }) => ({ name, cores: Math.max(1, cores) })),
              }),
        },
        { atMs: 0, ...changesOf(undefined, status) },
      ];
    },
    next: status => {
      if (last === undefined || isSame(status.at, last.at)) return undefined;
      const changes = changesOf(last, status);
      last = status;
      if (Object.keys(changes).length === 0) return undefined;
      writtenAtMs = atMsOf(status);
      return { atMs: writtenAtMs, ...changes };
    },
    end: () => {
      const atMs = last === undefined ? 0 : atMsOf(last);
      return atMs > writtenAtMs ? { atMs } : undefined;
    },
  };
};
