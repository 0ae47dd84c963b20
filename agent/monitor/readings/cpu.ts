import { type UnitSighting, unitId } from '../../pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../reading.ts';

/** Processor time of each running unit at one look. */
export interface CpuSample {
  monotonicMs: number;
  cpuMs: ReadonlyMap<string, Reading>;
}

export const sampleCpu = (sightings: readonly UnitSighting[], monotonicMs: number): CpuSample => ({
  monotonicMs,
  cpuMs: new Map(
    sightings.flatMap(unit => (unit.state === 'running' ? [[unitId(unit), unit.cpuMs]] : [])),
  ),
});

/** Cores in use between two looks, a unit at a time; a unit that is new has no data yet. */
export const cpuCoresByUnit = (
  before: CpuSample | undefined,
  now: CpuSample,
): Map<string, Reading> => {
  const elapsed = before === undefined ? 0 : now.monotonicMs - before.monotonicMs;
  return new Map(
    [...now.cpuMs].map(([id, current]) => {
      const previous = before?.cpuMs.get(id);
      if (!current.ok) return [id, FAILED];
      if (!previous?.ok || elapsed <= 0) return [id, NO_DATA];
      return [id, measured(Math.max(0, current.value - previous.value) / elapsed)];
    }),
  );
};
