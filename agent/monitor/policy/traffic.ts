import { describeReading } from '../../reading.ts';
import type { Readings } from '../snapshot.ts';

/** Whether data moves, and what was seen of it. `unread`: nobody measures it here. */
export interface Traffic {
  state: 'moving' | 'still' | 'unknown' | 'unread';
  told: string;
}

const KB = 1000;

/**
 * Bytes over the network and to and from disks. What CVMFS brings comes by one of these ways, so its own
 * counters can show that something moves; that nothing moves is known without them, as on a dead mount,
 * where they cannot be read.
 */
export const trafficOf = (
  {
    networkBytesPerS,
    diskBytesPerS,
    cvmfsBytesPerS,
  }: Pick<Readings, 'networkBytesPerS' | 'diskBytesPerS' | 'cvmfsBytesPerS'>,
  movingKbPerS: number,
): Traffic => {
  const ways = { network: networkBytesPerS, disks: diskBytesPerS, CVMFS: cvmfsBytesPerS };
  for (const [way, reading] of Object.entries(ways))
    if (reading?.ok === true && reading.value >= movingKbPerS * KB)
      return { state: 'moving', told: `${way} ${Math.round(reading.value / KB)} kB/s` };
  const needed = [networkBytesPerS, diskBytesPerS].filter(reading => reading !== undefined);
  if (needed.length === 0) return { state: 'unread', told: 'traffic is not measured' };
  const missing = needed.find(({ ok }) => !ok);
  return missing === undefined
    ? { state: 'still', told: 'no data moves' }
    : { state: 'unknown', told: `traffic is unknown (${describeReading(missing)})` };
};
