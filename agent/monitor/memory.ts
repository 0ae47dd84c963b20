import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { createLatch } from './latch.ts';
import { MonitorState, newMonitorState } from './state.ts';

const STATE_BYTES = 4 * 1024 * 1024;

/** What the monitor remembers, on disk. */
export interface Memory {
  /**
   * What was remembered of this VM; what cannot be read or understood counts as never written.
   * @param firstStart of a VM of which nothing is remembered
   */
  load(firstStart: Moment): Promise<MonitorState>;
  /**
   * Latches first, then writes the rest.
   * @returns false if not everything could be written; the decision stands all the same
   */
  save(state: MonitorState): Promise<boolean>;
}

export const createMemory = (
  { files, log }: { files: Files; log: Log },
  instanceId: string,
): Memory => {
  const latch = createLatch(files, instanceId);
  let writtenLatch: string | undefined;
  let writtenState: string | undefined;

  const attempt = async (what: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      log.error(
        { error: messageOf(error) },
        `${what} could not be written; going on with it in memory`,
      );
      return false;
    }
  };

  const readState = async (): Promise<MonitorState | undefined> => {
    try {
      const text = await files.read(PATHS.monitorState, STATE_BYTES);
      if (text === undefined) return undefined;
      const stored = parseJson(MonitorState, text);
      if (stored === undefined) log.warn({}, 'the state cannot be understood; beginning anew');
      return stored;
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the state cannot be read; beginning anew');
      return undefined;
    }
  };

  return {
    load: async firstStart => {
      await attempt('the state folder', () => files.makeDirectory(PATHS.state, { mode: 0o700 }));
      const stored = await readState();
      const isOurs = stored?.instanceId === instanceId;
      const { ending: _unlatched, ...state } = isOurs
        ? stored
        : newMonitorState(instanceId, firstStart);
      const ending = await latch.read().catch((error: unknown) => {
        log.warn(
          { error: messageOf(error) },
          'the latch cannot be understood; the state file decides',
        );
        return isOurs ? stored.ending : undefined;
      });
      // Preallocated while the disk still has room.
      await attempt('the latch', () => latch.set(ending));
      writtenLatch = JSON.stringify(ending);
      return { ...state, ...(ending === undefined ? {} : { ending }) };
    },
    save: async state => {
      let complete = true;
      const nextLatch = JSON.stringify(state.ending);
      if (nextLatch !== writtenLatch) {
        const latched = await attempt('the latch', () => latch.set(state.ending));
        if (latched) writtenLatch = nextLatch;
        complete &&= latched;
      }
      const nextState = JSON.stringify(state);
      if (nextState !== writtenState) {
        const written = await attempt('the state', () =>
          files.write(PATHS.monitorState, nextState, { mode: 0o600 }),
        );
        if (written) writtenState = nextState;
        complete &&= written;
      }
      return complete;
    },
  };
};
