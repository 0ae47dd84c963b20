import type { DiracPilots } from '../../context/schema/pilot-dirac.ts';
import type { PilotRun } from './kind.ts';

export type DiracRun = PilotRun<DiracPilots>;

/** Where the files of one run lie, as paths of the machine. */
export const placesOf = ({ places: { folder, home, stdout }, unit }: DiracRun) => {
  /** The run's own, so that a stop file can stop no other; the next run removes it. */
  const work = `${home}/dirac-${unit.generation}`;
  return {
    start: `${folder}/start.py`,
    instructions: `${folder}/start.json`,
    pilotJson: `${folder}/pilot.json`,
    authorities: `${folder}/authorities.pem`,
    work,
    /** Where the JobAgent looks for its stop file between two jobs. */
    control: `${work}/control/WorkloadManagement/JobAgent`,
    stdout,
  };
};
