import { dirname } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { jobFeaturesOf } from '../context/planners/features.ts';
import { isAlive, type SlotState } from '../pilot/slot-state.ts';
import { unitId } from '../pilot/unit/unit.ts';
import { currentFeatures, type Feature, type FeaturesInput, isNews } from './features.ts';

/** Keeps the moving keys of Machine/Job Features true: each file is replaced as a whole, and only for news. */
export interface FeaturesWriter {
  /** Before a pilot is started, so that it finds its own. What fails is told, and tried again next time. */
  tell(input: Omit<FeaturesInput, 'startedSecs'>): Promise<void>;
}

const MAX_BYTES = 256;

export const createFeaturesWriter = ({
  files,
  log,
}: {
  files: Files;
  log: Log;
}): FeaturesWriter => {
  /** By path; what an agent before this one has told is not known. */
  const told = new Map<string, Feature['value']>();
  let startedSecs: ReadonlyMap<string, number> = new Map();

  const readKey = async (slot: string, key: string): Promise<string | undefined> =>
    (await files.read(`${jobFeaturesOf({ name: slot })}/${key}`, MAX_BYTES))?.trim();

  /** Of a pilot that an earlier agent started its own file tells, if it still is about that pilot. */
  const startOf = async (
    slot: string,
    unit: string,
    state: SlotState,
  ): Promise<number | undefined> => {
    const began = Math.floor(state.since.wallMs / 1000);
    if (state.state === 'starting') return began;
    const isOfUnit = (await readKey(slot, 'job_id')) === unit;
    const kept = isOfUnit ? Number((await readKey(slot, 'jobstart_secs')) ?? '') : 0;
    if (Number.isSafeInteger(kept) && kept > 0) return kept;
    // A pilot that is stopping is in that state since its end began, not since its start.
    return state.state === 'running' ? began : undefined;
  };

  const noteStarts = async ({ state }: Pick<FeaturesInput, 'state'>): Promise<void> => {
    const known = new Map<string, number>();
    for (const [slot, pilot] of Object.entries(state.slots)) {
      if (!isAlive(pilot)) continue;
      const unit = unitId({ slot, generation: pilot.generation });
      const started = startedSecs.get(unit) ?? (await startOf(slot, unit, pilot));
      if (started !== undefined) known.set(unit, started);
    }
    startedSecs = known;
  };

  /** Looks for each folder once; it has several files. */
  const rememberFolders = () => {
    const known = new Map<string, boolean>();
    return async (folder: string): Promise<boolean> => {
      const has = known.get(folder) ?? (await files.facts(folder)) !== undefined;
      known.set(folder, has);
      return has;
    };
  };

  const write = async (
    { path, value }: Feature,
    hasFolder: (folder: string) => Promise<boolean>,
  ): Promise<void> => {
    if (value === undefined) await files.remove(path);
    // Before the contextualization has made the folder there is nobody to read it.
    else if (!(await hasFolder(dirname(path)))) return;
    else await files.write(path, `${value}\n`, { mode: 0o644, inMemory: true });
    told.set(path, value);
  };

  return {
    tell: async input => {
      try {
        await noteStarts(input);
        const hasFolder = rememberFolders();
        for (const feature of currentFeatures({ ...input, startedSecs }))
          if (!told.has(feature.path) || isNews(told.get(feature.path), feature.value))
            await write(feature, hasFolder);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the machine and job features could not be told');
      }
    },
  };
};
