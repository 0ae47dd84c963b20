import type { Bed, Scenario } from '../bed.ts';
import type { Fault } from './fault.ts';
import { type KeptMachine, keepAtWork, keepBooted } from './kept-machine.ts';
import { runFault } from './run-fault.ts';
import { type Place, WORLDS, type WorldName } from './worlds.ts';

/** Most faults strike a VM at work; a context of its own, or an earlier strike, wants an agent of its own. */
export const beginsAtWork = ({ strikes, context, before }: Fault): boolean =>
  strikes[0].at === 'the payload works' && context === undefined && before === undefined;

/** Machines that all faults of a world begin from: made by the first that needs them. */
const createKeeper = () => {
  const booted = new Map<WorldName, Promise<KeptMachine>>();
  const atWork = new Map<WorldName, Promise<KeptMachine>>();
  return (bed: Bed, fault: Fault, name: WorldName, place: Place): Promise<KeptMachine> => {
    const early = booted.get(name) ?? keepBooted(bed, place);
    booted.set(name, early);
    if (!beginsAtWork(fault)) return early;
    const late =
      atWork.get(name) ?? early.then(machine => keepAtWork(bed, WORLDS[name], place, machine));
    atWork.set(name, late);
    return late;
  };
};

/** Each fault as a scenario of the group `faults`. */
export const faultScenarios = (faults: readonly Fault[]): Scenario[] => {
  const keep = createKeeper();
  return faults.map(fault => ({
    name: `faults-${fault.name}`,
    smoke: fault.smoke === true,
    title: fault.done,
    concludes: true,
    run: async bed => {
      const name = fault.world ?? 'plain';
      const place = await WORLDS[name].prepare(bed);
      const kept = await keep(bed, fault, name, place);
      await runFault(bed, fault, { world: WORLDS[name], place, kept });
    },
  }));
};
