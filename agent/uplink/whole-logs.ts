import * as v from 'valibot';
import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { WholeLogChunk, WholeLogResponse } from '../../protocol/whole-log.ts';
import { parseLogName } from '../logs/log-name.ts';
import type { LogStore } from '../logs/log-store.ts';
import { PATHS } from '../paths.ts';
import { retryMs } from './pace.ts';

/** Sends logs from their beginning to their end, and goes on after a restart of either side. */
export interface WholeLogs {
  /** Every log of this run is to be sent; their names. */
  want(unit: { slot: string; generation: number }): Promise<string[]>;
  /** These are to be sent, whosever they are. */
  wantNamed(names: readonly string[]): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** What is left, without a pause, until the signal; true if nothing is left. */
  finish(signal: AbortSignal): Promise<boolean>;
}

export interface WholeLogPorts {
  clock: Clock;
  files: Files;
  log: Log;
  store: LogStore;
  random: () => number;
  /** `undefined` where the receiver could not be asked. Fails with `http-refused` where it will never take it. */
  send(chunk: WholeLogChunk, signal: AbortSignal): Promise<WholeLogResponse | undefined>;
}

const State = v.object({
  schemaVersion: v.literal(1),
  /** Logs still to be sent, in turn. */
  due: v.array(v.string()),
  /** What the agent wrote itself, and how much of it has been sent. */
  sent: v.record(v.string(), v.number()),
});
type State = v.InferOutput<typeof State>;

const MOST_BYTES = 256 * 1024;
/** More bad ends than that in one VM tell nothing new: the oldest are left out. */
const MOST_DUE = 200;
const LOOK_MS = 5000;
const LEAST_PAUSE_MS = 100;
const EVIDENCE = 'evidence';

export const createWholeLogs = ({
  clock,
  files,
  log,
  store,
  random,
  send,
}: WholeLogPorts): WholeLogs => {
  let loaded: State | undefined;
  let wake = new AbortController();
  let failures = 0;
  /** The receiver's word on each log, in this life of the agent. */
  const wanted = new Map<string, number>();

  const load = async (): Promise<State> => {
    if (loaded !== undefined) return loaded;
    const text = await files.read(PATHS.logUploads, MOST_BYTES);
    loaded ??= (text === undefined ? undefined : parseJson(State, text)) ?? {
      ...{ schemaVersion: 1 as const, due: [], sent: {} },
    };
    return loaded;
  };
  /** Without it a restart forgets what is due; nothing else hangs on it. */
  const save = async (state: State): Promise<void> => {
    loaded = state;
    try {
      await files.write(PATHS.logUploads, JSON.stringify(state), { mode: 0o600 });
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'which logs are due could not be written down');
    }
  };
  const add = async (names: readonly string[]): Promise<void> => {
    const state = await load();
    const fresh = names.filter(name => !state.due.includes(name));
    if (fresh.length > 0) await save({ ...state, due: [...state.due, ...fresh].slice(-MOST_DUE) });
  };
  const settle = async (name: string, size: number): Promise<void> => {
    const state = await load();
    wanted.delete(name);
    const isOurs = parseLogName(name)?.what === EVIDENCE;
    const sent = isOurs ? { ...state.sent, [name]: size } : state.sent;
    await save({ ...state, due: state.due.filter(each => each !== name), sent });
  };

  /** Texts that the agent puts beside a pilot's logs are due as soon as they are there. */
  const findEvidence = async (): Promise<void> => {
    const state = await load();
    const fresh: string[] = [];
    for (const name of await store.names()) {
      if (parseLogName(name)?.what !== EVIDENCE) continue;
      if (((await store.size(name)) ?? 0) > (state.sent[name] ?? 0)) fresh.push(name);
    }
    await add(fresh);
  };

  const pack = async (bytes: Buffer): Promise<string> => {
    const { gzipSync } = await import('node:zlib');
    // A millisecond's work, and only after bad ends.
    return gzipSync(bytes, { level: 1 }).toString('base64');
  };

  /** One chunk of one log; ms until the next, or `undefined` if it could not be sent. */
  const step = async (name: string, signal: AbortSignal): Promise<number | undefined> => {
    const size = await store.size(name);
    if (size === undefined) {
      await settle(name, 0);
      return 0;
    }
    const next = wanted.get(name);
    const found =
      next === undefined ? undefined : await store.read(name, next, LIMITS.wholeChunkBytes);
    if (next !== undefined && (found === undefined || found.bytes.length === 0)) {
      await settle(name, next);
      return 0;
    }
    const piece =
      found === undefined
        ? {}
        : { fromByte: found.fromByte, length: found.bytes.length, gzip: await pack(found.bytes) };
    try {
      const answer = await send({ source: name, size, ...piece }, signal);
      if (answer === undefined) return undefined;
      // A receiver that wants the same bytes again may want them for ever.
      const stands = found !== undefined && answer.nextByte <= found.fromByte;
      if (stands && answer.nextByte === next) return undefined;
      wanted.set(name, answer.nextByte);
      return answer.pauseMs;
    } catch (error) {
      if (!isPilotageError(error) || error.code !== 'http-refused') throw error;
      log.warn({ name, error: messageOf(error) }, 'the receiver does not take a log');
      await settle(name, size);
      return 0;
    }
  };

  const wantNamed: WholeLogs['wantNamed'] = async names => {
    await add(names);
    wake.abort();
  };

  return {
    want: async ({ slot, generation }) => {
      const names = (await store.names()).filter(name => {
        const parsed = parseLogName(name);
        return parsed?.slot === slot && parsed.generation === generation;
      });
      await wantNamed(names);
      return names;
    },
    wantNamed,
    run: async signal => {
      while (!signal.aborted) {
        wake = new AbortController();
        let pauseMs = LOOK_MS;
        try {
          await findEvidence();
          const [name] = (await load()).due;
          if (name !== undefined) {
            const answered = await step(name, signal);
            failures = answered === undefined ? failures + 1 : 0;
            pauseMs =
              answered === undefined
                ? retryMs(failures, random())
                : Math.max(LEAST_PAUSE_MS, answered);
          }
        } catch (error) {
          log.warn({ error: messageOf(error) }, 'a log could not be sent whole');
        }
        await clock.sleep(pauseMs, AbortSignal.any([signal, wake.signal]));
      }
    },
    finish: async signal => {
      try {
        await findEvidence();
        for (;;) {
          const [name] = (await load()).due;
          if (name === undefined) return true;
          if (signal.aborted || (await step(name, signal)) === undefined) return false;
        }
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'a log could not be sent whole');
        return false;
      }
    },
  };
};
