import type { Context } from '../../context/schema.ts';
import type { Reading } from '../../reading.ts';
import type { Repair } from '../repair.ts';
import type { Readings } from '../snapshot.ts';
import type { MonitorState } from '../state.ts';
import { hasGivenUp } from './pilots-gave-up.ts';

/** One thing that can be wrong with a node. What nobody measures here is left out. */
export interface Ailment {
  is: 'ill' | 'well' | 'unknown';
  told: string;
  repair?: Repair;
}

const judgeReading = (
  name: string,
  reading: Reading | undefined,
  isIll: (value: number) => string | undefined,
  repair?: Repair,
): Ailment[] => {
  if (reading === undefined) return [];
  if (!reading.ok) return [{ is: 'unknown', told: `${name} is unknown (${reading.reason})` }];
  const told = isIll(reading.value);
  if (told === undefined) return [{ is: 'well', told: `${name} is well` }];
  return [{ is: 'ill', told, ...(repair === undefined ? {} : { repair }) }];
};

/** DIRECT is a fallback, and so is what discovery may find. */
const hasFallback = (proxies: string): boolean =>
  proxies.split(/[;|]/).some(proxy => proxy === 'DIRECT' || proxy === 'auto');

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** Of a node on which most slots have given up the rest is not trusted either. One that is banned is well. */
const judgePilots = ({ slots }: Pick<MonitorState, 'slots'>): Ailment[] => {
  const all = Object.values(slots);
  const given = all.filter(slot => hasGivenUp(slot) && slot.outcome !== 'banned').length;
  return given * 2 > all.length
    ? [{ is: 'ill', told: `${given} of ${all.length} slots gave up` }]
    : [{ is: 'well', told: 'pilots are well' }];
};

/** All that is known of a node's health. */
export const ailmentsOf = (
  readings: Readings,
  state: Pick<MonitorState, 'slots'>,
  { cvmfs }: Pick<Context, 'cvmfs'>,
  leastShare: number,
): Ailment[] => {
  const isFull = (what: string) => (share: number) =>
    share < leastShare ? `${percent(share)} of ${what} are left` : undefined;
  const ofCvmfs =
    cvmfs === undefined
      ? []
      : [
          ...judgeReading(
            'CVMFS',
            readings.cvmfs,
            value => (value === 0 ? 'a repository of CVMFS does not answer' : undefined),
            { kind: 'remount-cvmfs' },
          ),
          ...(hasFallback(cvmfs.proxies)
            ? []
            : judgeReading(
                'the squid',
                readings.squid,
                value => (value === 0 ? 'no squid serves, and there is no fallback' : undefined),
                { kind: 'rebalance-squids' },
              )),
        ];
  return [
    ...ofCvmfs,
    ...judgeReading('disk', readings.diskFreeShare, isFull('the disk')),
    ...judgeReading('inodes', readings.inodesFreeShare, isFull('the inodes')),
    ...judgePilots(state),
  ];
};
