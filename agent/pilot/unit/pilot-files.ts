import type { Files, Ownership } from '../../../platform/files.ts';
import { shareRunning } from '../../../platform/share-running.ts';
import { PATHS } from '../../paths.ts';
import { parseExit, parseUnitId, type UnitName, type UnitSighting, unitId } from './unit.ts';

/** The files that belong to one run of a pilot. */
export const pilotFiles = (unit: UnitName) => ({
  /** A folder of the pilot's own; it may write its status there. */
  folder: `${PATHS.pilots}/${unitId(unit)}`,
  status: `${PATHS.pilots}/${unitId(unit)}/status`,
  /** Written when the run ends, by what outlives the agent. */
  exit: `${PATHS.exits}/${unitId(unit)}`,
  stdout: `${PATHS.logs}/${unitId(unit)}.out`,
  stderr: `${PATHS.logs}/${unitId(unit)}.err`,
  /** Text that the agent itself puts beside a pilot's logs; it is sent whole, like a log at a bad end. */
  evidence: `${PATHS.logs}/${unitId(unit)}.evidence`,
});

/** The runs that have left a record of their end. */
export const sightExits = async (files: Files): Promise<UnitSighting[]> => {
  const sightings: UnitSighting[] = [];
  for (const name of await files.list(PATHS.exits)) {
    const unit = parseUnitId(name);
    const text = unit === undefined ? undefined : await files.read(`${PATHS.exits}/${name}`, 4096);
    if (unit !== undefined && text !== undefined)
      sightings.push({ ...unit, state: 'ended', exit: parseExit(text) });
  }
  return sightings;
};

/** All that is seen; a run that has recorded its end is over, whatever is left of it. */
export const withExits = (
  running: readonly UnitSighting[],
  ended: readonly UnitSighting[],
): UnitSighting[] => {
  const recorded = new Set(ended.map(unitId));
  return [...ended, ...running.filter(unit => !recorded.has(unitId(unit)))];
};

/**
 * Makes what a run needs before it starts, and takes away what an older run of its slot left in memory; a
 * run of the same name too, which an agent has seen that lost its state since.
 */
export type PrepareRun = (unit: UnitName, owner: Ownership | undefined) => Promise<void>;

/** Runs that start at the same time share what concerns them all. */
export const createPrepareRun = (files: Files): PrepareRun => {
  const ensureFolders = shareRunning(async () => {
    for (const folder of [PATHS.pilots, PATHS.told, PATHS.exits, PATHS.logs]) {
      const isForPilots = folder === PATHS.pilots || folder === PATHS.told;
      if ((await files.facts(folder)) === undefined)
        await files.makeDirectory(folder, { mode: isForPilots ? 0o755 : 0o700 });
    }
  });
  const listLeft = [PATHS.pilots, PATHS.exits].map(folder => ({
    folder,
    list: shareRunning(() => files.list(folder)),
  }));
  return async (unit, owner) => {
    await ensureFolders();
    for (const { folder, list } of listLeft) {
      for (const name of await list()) {
        const older = parseUnitId(name);
        if (older?.slot === unit.slot && older.generation <= unit.generation)
          await files.remove(`${folder}/${name}`);
      }
    }
    await files.makeDirectory(pilotFiles(unit).folder, { mode: 0o700, owner });
  };
};
