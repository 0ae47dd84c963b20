import { type ClockOffset, readClockOffset } from '../../clock-offset.ts';
import type { Moment } from '../../moment.ts';
import type { AgentPorts } from '../../ports.ts';
import type { Readings } from '../snapshot.ts';
import { createCvmfsReading } from './cvmfs.ts';
import { createReadDear, type DearLook } from './dear.ts';
import { createGpuReading } from './gpus.ts';
import { createReadProc } from './proc.ts';
import { createSpaceReading } from './space.ts';
import { createSquidReading } from './squids.ts';

export type MachinePorts = Pick<AgentPorts, 'files' | 'host' | 'exec' | 'http' | 'clock' | 'log'>;

/** What is known of the machine beyond its load, with the ages of what was not read just now. */
export type ReadMachine = (now: Moment, look: DearLook) => Partial<Readings>;

export const createReadMachine = (
  ports: MachinePorts,
  clockOffset: () => ClockOffset | undefined,
): ReadMachine => {
  const readProc = createReadProc(ports);
  const readDear = createReadDear(ports, [
    createGpuReading(ports),
    createSpaceReading(ports),
    createCvmfsReading(ports),
    createSquidReading(ports),
  ]);
  return (now, look) => {
    const cheap = readProc(now);
    const { agesMs = {}, ...dear } = readDear(now, look);
    const told = clockOffset();
    if (told === undefined) return { ...cheap, ...dear, agesMs };
    const { reading, ageMs } = readClockOffset(told, now.monotonicMs);
    return {
      ...{ ...cheap, ...dear, clockOffsetMs: reading },
      agesMs: { ...agesMs, clockOffsetMs: ageMs },
    };
  };
};
