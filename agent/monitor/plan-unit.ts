import { credentialFolder } from '../context/planners/credentials.ts';
import { jobFeaturesOf } from '../context/planners/features.ts';
import { payloadUserOf } from '../context/planners/users.ts';
import { PATHS } from '../paths.ts';
import type { Launch, PilotRun } from '../pilot/kinds/kind.ts';
import type { UnitLimits, UnitReach } from '../pilot/unit/unit.ts';

/** What a run may use at most. */
export const limitsOf = ({ slot, pilots, context }: PilotRun): UnitLimits => {
  const { swapMbPerSlot } = context.features;
  return {
    cores: slot.cores,
    memoryMb: slot.memoryMb,
    tasks: pilots.tasksPerSlot,
    ...(swapMbPerSlot === undefined ? {} : { swapMb: swapMbPerSlot }),
  };
};

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** The folder of a path. Written out, since what is planned loads nothing of Node's. */
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Without what lies in another of them. */
const outermost = (paths: readonly string[]): string[] =>
  [...new Set(paths)].filter(path => !paths.some(other => isBelow(path, other)));

/** The folder in which the /tmp of a slot's pilots lies. */
export const tmpFolderOf = ({ places }: Pick<PilotRun, 'places'>): string => `${places.home}.tmp`;

/**
 * What of our folders and of scratch a run gets to see: what every run has, and the folders of whatever
 * its kind asked to be written. A single file is never shown by itself: replaced, it would be the old one
 * for ever.
 */
export const reachOf = (
  { places, slot, context }: Pick<PilotRun, 'places' | 'slot' | 'context'>,
  { files }: Pick<Launch, 'files'>,
): UnitReach => {
  const { folder, home, scratch } = places;
  const payloadHome = payloadUserOf(context, slot)?.home;
  const asked = files
    .map(({ path, content }) => (content === undefined ? path : folderOf(path)))
    .filter(path => isBelow(path, scratch) || isBelow(path, PATHS.run))
    .filter(path => path !== PATHS.credentials && path !== PATHS.pilots);
  const always = [folder, home, credentialFolder(slot.user)];
  return {
    scratch,
    own: outermost([...always, ...(payloadHome === undefined ? [] : [payloadHome]), ...asked]),
    shown: [PATHS.machineFeatures, jobFeaturesOf(slot), PATHS.told],
    tmp: tmpFolderOf({ places }),
  };
};
