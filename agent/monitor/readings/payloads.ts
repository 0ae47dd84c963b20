import { isPilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import type { PilotKind } from '../../pilot/kinds/kind.ts';
import { pilotFiles } from '../../pilot/unit/pilot-files.ts';
import { type UnitName, type UnitSighting, unitId } from '../../pilot/unit/unit.ts';
import { FAILED, type Reading } from '../../reading.ts';

const STATUS_BYTES = 256;

const readStatus = async (files: Files, unit: UnitName, kind: PilotKind): Promise<Reading> => {
  try {
    // The folder is the pilot's own: a link or a pipe that it puts there is not followed.
    const status = await files.readPiece(pilotFiles(unit).status, 0, STATUS_BYTES);
    return kind.payloads(status?.toString('utf8'));
  } catch (error) {
    if (isPilotageError(error)) return FAILED;
    throw error;
  }
};

/** What each running pilot says of its payloads. */
export const readPayloads = async (
  files: Files,
  sightings: readonly UnitSighting[],
  kind: PilotKind,
): Promise<Map<string, Reading>> => {
  const readings = new Map<string, Reading>();
  for (const unit of sightings)
    if (unit.state === 'running') readings.set(unitId(unit), await readStatus(files, unit, kind));
  return readings;
};
