import * as v from 'valibot';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Http } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { LogUpload } from '../context/schema/logs.ts';
import { PATHS } from '../paths.ts';
import { newestRuns, parseLogName } from './log-name.ts';
import type { LogStore } from './log-store.ts';
import { type Packed, packArchive, packLog } from './pack-logs.ts';
import { putObject } from './put-object.ts';
import { putsEachLog, uploadTarget } from './upload-target.ts';

/** Puts logs where the context says: each once its run has ended, or all of them when the VM ends. */
export interface BulkLogs {
  run(signal: AbortSignal): Promise<void>;
  /**
   * What is left, until the signal; true if nothing is left. Never fails.
   * @param endMs when that will be, by the monotonic clock
   */
  finish(signal: AbortSignal, endMs: number): Promise<boolean>;
}

export interface BulkPorts {
  clock: Clock;
  files: Files;
  log: Log;
  http: Http;
  random: () => number;
  store: LogStore;
}

export interface BulkInput {
  upload: LogUpload;
  /** What this VM is called in the address. */
  vm: string;
  /** Where the credential lies that the server takes, if it takes one. */
  credentialFile: string | undefined;
}

const Uploaded = v.object({ schemaVersion: v.literal(1), sizes: v.record(v.string(), v.number()) });
const STATE_BYTES = 1024 * 1024;
const TOKEN_BYTES = 64 * 1024;
const ROUND_MS = 60_000;
/** For what is put while the VM goes on. */
const CALM_MS = 900_000;

export const createBulkLogs = (
  { clock, files, log, http, random, store }: BulkPorts,
  { upload, vm, credentialFile }: BulkInput,
): BulkLogs => {
  const { url, ca, pin } = upload;
  const eachLog = putsEachLog(url);
  /** How long each log was when it was put, over restarts of the agent. */
  let loaded: Map<string, number> | undefined;
  /** In the last round; a log that has grown since is not over. */
  let before = new Map<string, number>();

  const load = async (): Promise<Map<string, number>> => {
    if (loaded !== undefined) return loaded;
    const text = await files.read(PATHS.logsUploaded, STATE_BYTES);
    const sizes = (text === undefined ? undefined : parseJson(Uploaded, text))?.sizes ?? {};
    loaded ??= new Map(Object.entries(sizes));
    return loaded;
  };
  const note = async (name: string, size: number, present: ReadonlySet<string>): Promise<void> => {
    const uploaded = await load();
    uploaded.set(name, size);
    for (const known of uploaded.keys()) if (!present.has(known)) uploaded.delete(known);
    const state = { schemaVersion: 1, sizes: Object.fromEntries(uploaded) };
    await files.write(PATHS.logsUploaded, JSON.stringify(state), { mode: 0o600 });
  };

  const put = async (name: string, packed: Packed, signal: AbortSignal, endMs: number) => {
    const { origin, path } = uploadTarget(url, { vm, log: name });
    const token =
      credentialFile === undefined
        ? undefined
        : (await files.read(credentialFile, TOKEN_BYTES))?.trim();
    const server = http(origin, { ca, pin });
    try {
      await putObject(
        { server, clock, random },
        { path, token, packed, needsCollections: eachLog, endMs, signal },
      );
      log.info({ name, origin, bytes: packed.sizeBytes }, 'logs uploaded');
    } finally {
      await server.close();
    }
  };

  const sizes = async (): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    for (const name of await store.names()) found.set(name, (await store.size(name)) ?? 0);
    return found;
  };

  /** One by one; a server that refuses one refuses the others as well, so the first failure ends it. */
  const putEach = async (
    now: ReadonlyMap<string, number>,
    isDue: (name: string) => boolean,
    signal: AbortSignal,
    endMs: number,
  ): Promise<void> => {
    const uploaded = await load();
    for (const [name, size] of now) {
      if (size === 0 || uploaded.get(name) === size || !isDue(name)) continue;
      await put(`${name}.gz`, await packLog(store, name, size), signal, endMs);
      await note(name, size, new Set(now.keys()));
    }
  };

  const round = async (signal: AbortSignal): Promise<void> => {
    const now = await sizes();
    const newest = newestRuns([...now.keys()].map(parseLogName).filter(unit => unit !== undefined));
    const last = before;
    before = now;
    const isOver = (name: string): boolean => {
      const { slot = '', generation = 0 } = parseLogName(name) ?? {};
      return generation < (newest.get(slot) ?? 0) && last.get(name) === now.get(name);
    };
    await putEach(now, isOver, signal, clock.monotonicMs() + CALM_MS);
  };

  const tell = (error: unknown): void =>
    // Only the origin: the rest of the address may be a secret.
    log.warn(
      { origin: uploadTarget(url, { vm, log: '' }).origin, error: messageOf(error) },
      'logs could not be uploaded',
    );

  return {
    run: async signal => {
      while (eachLog && !signal.aborted) {
        await clock.sleep(ROUND_MS, signal);
        if (!signal.aborted) await round(signal).catch(tell);
      }
    },
    finish: async (signal, endMs) => {
      try {
        const now = await sizes();
        const names = [...now.keys()].filter(name => (now.get(name) ?? 0) > 0);
        if (eachLog) await putEach(now, () => true, signal, endMs);
        else if (names.length > 0) {
          const archive = await packArchive(store, names, clock.wallMs() / 1000);
          await put('logs.tar', archive, signal, endMs);
        }
        return true;
      } catch (error) {
        tell(error);
        return false;
      }
    },
  };
};
