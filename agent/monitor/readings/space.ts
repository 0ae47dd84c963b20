import type { Files } from '../../../platform/files.ts';
import type { Context } from '../../context/schema.ts';
import { measured } from '../../reading.ts';
import type { DearReading } from './dear.ts';

/** The folders by whose filesystems payloads live. */
const foldersOf = ({ scratch, cvmfs }: Pick<Context, 'scratch' | 'cvmfs'>): string[] => [
  '/',
  scratch.path,
  ...(cvmfs === undefined ? [] : [cvmfs.cache]),
];

/**
 * What is free where it is least. Read beside the looks, since a disk that has gone may hang whoever asks; a
 * folder that does not exist yet takes no room.
 */
export const createSpaceReading = ({
  files,
}: {
  files: Pick<Files, 'facts' | 'freeShares'>;
}): DearReading => ({
  what: 'the room on the disks',
  names: ['diskFreeShare', 'inodesFreeShare'],
  everyMs: 60_000,
  timeoutMs: 10_000,
  question:
    ({ context }) =>
    async () => {
      const shares: { bytes: number; inodes?: number }[] = [];
      for (const folder of foldersOf(context))
        if ((await files.facts(folder)) !== undefined) shares.push(await files.freeShares(folder));
      const inodes = shares.flatMap(share => share.inodes ?? []);
      return {
        diskFreeShare: measured(Math.min(...shares.map(({ bytes }) => bytes))),
        // Some filesystems make inodes as they need them, and count none.
        ...(inodes.length === 0 ? {} : { inodesFreeShare: measured(Math.min(...inodes)) }),
      };
    },
});
