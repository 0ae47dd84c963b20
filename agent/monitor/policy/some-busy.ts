import { unitId } from '../../pilot/unit/unit.ts';
import type { Snapshot } from '../snapshot.ts';

/** One pilot that says it has work is enough, whatever is unknown of the others. */
export const isSomeBusy = ({
  sightings,
  answers,
}: Pick<Snapshot, 'sightings' | 'answers'>): boolean =>
  sightings.some(unit => {
    const payloads = unit.state === 'running' ? answers?.get(unitId(unit))?.payloads : undefined;
    return payloads?.ok === true && payloads.value > 0;
  });
