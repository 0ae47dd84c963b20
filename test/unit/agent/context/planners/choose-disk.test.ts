import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDisk, type DiskWish } from '../../../../../agent/context/planners/choose-disk.ts';
import { type Disk, withParts } from '../../../../../agent/disks/disk.ts';
import { disk, filesystem } from '../../../../support/memory-disks.ts';

const GIB = 1024 ** 3;
const WISH: DiskWish = {
  word: 'largest-blank',
  label: 'pilotage-scr',
  filesystem: 'ext4',
  mayErase: false,
  mount: '/scratch',
};
const ROOT = disk('/dev/vda', {
  content: { kind: 'other', what: 'partitions' },
  parts: [disk('/dev/vda1', { type: 'part', mounts: ['/'], content: filesystem('ext4') })],
});

const choose = (disks: readonly Disk[], wish: Partial<DiskWish> = {}): string => {
  const choice = chooseDisk(disks, { ...WISH, ...wish });
  return choice.found ? choice.disk.path : choice.problem;
};

describe('a disk that nobody named', () => {
  test('is the largest that is blank, and the plan says what of the others', () => {
    const disks = [
      ROOT,
      disk('/dev/vdb', { sizeBytes: 20 * GIB }),
      disk('/dev/vdc', { sizeBytes: 40 * GIB }),
      disk('/dev/vdd', { sizeBytes: 80 * GIB, content: filesystem('xfs', 'data') }),
    ];
    expect(chooseDisk(disks, WISH)).toEqual({
      found: true,
      disk: disks[2],
      why: 'the largest blank disk',
      notices: [
        '/dev/vda (10.0 GiB) is left alone: it is in use (/)',
        '/dev/vdb (20.0 GiB) is left alone: it is blank, but one is enough',
        '/dev/vdd (80.0 GiB) is left alone: it holds xfs with the label data',
      ],
    });
  });

  test.each<[string, Partial<Disk>]>([
    ['has a filesystem', { content: filesystem('ext4') }],
    ['belongs to a RAID', { content: filesystem('linux_raid_member') }],
    ['belongs to a volume group', { content: filesystem('LVM2_member') }],
    ['is encrypted', { content: filesystem('crypto_LUKS') }],
    ['holds swap', { content: filesystem('swap') }],
    [
      'has an empty partition table',
      { content: { kind: 'other', what: 'a partition table (gpt)' } },
    ],
    [
      'holds bytes of no known kind',
      { content: { kind: 'other', what: 'bytes of no known kind' } },
    ],
    ['has partitions', { parts: [disk('/dev/vdb1', { type: 'part' })] }],
    ['is held by a volume', { parts: [disk('/dev/mapper/x', { type: 'lvm' })] }],
    ['is mounted', { mounts: ['/mnt'] }],
    ['is read-only', { isReadOnly: true }],
    ['is removable', { isRemovable: true }],
    ['is a CD drive', { type: 'rom' }],
    ['is a loop device', { type: 'loop' }],
    ['lives in memory', { path: '/dev/zram0' }],
    ['is tiny', { sizeBytes: 1024 ** 2 }],
    ['is empty', { sizeBytes: 0 }],
    ['is the config drive', { content: filesystem('iso9660', 'config-2') }],
  ])('is never one that %s', (_what, also) => {
    expect(choose([ROOT, disk('/dev/vdb', also)])).toMatch(/^no blank disk was found: /);
  });

  test('is always one that is blank and free, or ours and free', () => {
    const content = fc.constantFrom<Disk['content']>(
      { kind: 'blank' },
      { kind: 'other', what: 'something' },
      filesystem('ext4'),
      filesystem('ext4', 'pilotage-scr'),
      filesystem('iso9660', 'cidata'),
    );
    const mounts = fc.constantFrom<string[]>([], ['/'], ['/scratch'], ['[SWAP]']);
    const simple = (type: fc.Arbitrary<string>): fc.Arbitrary<Disk> =>
      fc
        .record({ content, mounts, type, isReadOnly: fc.boolean(), size: fc.nat(9) })
        .map(({ size, ...also }) =>
          disk(`/dev/vd${size}`, { ...also, sizeBytes: size * 100 * 1024 ** 2 }),
        );
    const any = fc
      .tuple(
        simple(fc.constantFrom('disk', 'loop', 'rom')),
        fc.array(simple(fc.constantFrom('part', 'lvm')), { maxLength: 2 }),
      )
      .map(([top, parts]) => ({ ...top, parts }));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), disks => {
        const choice = chooseDisk(disks, WISH);
        if (!choice.found) return;
        const all = withParts(choice.disk);
        const isOurs = ({ content: found }: Disk): boolean =>
          found.kind === 'filesystem' && found.label === 'pilotage-scr';
        for (const each of all) {
          expect(each.isReadOnly).toBe(false);
          expect(JSON.stringify(each.content)).not.toContain('cidata');
          if (!isOurs(each)) expect(each.mounts.filter(mount => mount !== '/scratch')).toEqual([]);
        }
        expect(all.slice(1).every(({ type }) => type === 'part')).toBe(true);
        if (all.some(isOurs)) return;
        expect(choice.disk).toMatchObject({ content: { kind: 'blank' }, mounts: [], parts: [] });
      }),
      { numRuns: 2000 },
    );
  });

  test('is ours again after the first time, in a partition too, although a larger one is blank', () => {
    const larger = disk('/dev/vdc', { sizeBytes: 99 * GIB });
    const whole = disk('/dev/vdb', { content: filesystem('ext4', 'pilotage-scr') });
    expect(choose([larger, whole])).toBe('/dev/vdb');
    const inPart = disk('/dev/vdb', {
      content: { kind: 'other', what: 'partitions' },
      parts: [
        disk('/dev/vdb1', {
          type: 'part',
          content: filesystem('ext4', 'pilotage-scr'),
          mounts: ['/scratch'],
        }),
      ],
    });
    expect(choose([larger, inPart])).toBe('/dev/vdb');
  });

  test('for swap is another than the one for scratch', () => {
    const [first, second] = [disk('/dev/vdb'), disk('/dev/vdc')];
    expect(choose([first, second], { taken: first, filesystem: 'swap' })).toBe('/dev/vdc');
  });
});

describe('a disk that was named', () => {
  const data = disk('/dev/vdb', {
    aliases: ['/dev/disk/by-id/virtio-data'],
    serial: '0123456789abcdef0123',
    content: filesystem('ext4', 'data'),
  });

  test.each([
    '/dev/vdb',
    '/dev/disk/by-id/virtio-data',
    'label:data',
    'serial:0123456789abcdef0123',
    // OpenStack names the volume; virtio has room for 20 characters of that.
    'serial:0123456789abcdef0123-4567',
  ])('is found as %s', word => {
    expect(choose([ROOT, data], { word })).toBe('/dev/vdb');
  });

  test('by the serial number of EC2, with or without its dash', () => {
    const ebs = disk('/dev/nvme1n1', { serial: 'vol0abc' });
    expect(choose([ebs], { word: 'serial:vol-0abc' })).toBe('/dev/nvme1n1');
  });

  test.each<[string, Partial<Disk>, Partial<DiskWish>, string]>([
    [
      'holds another filesystem',
      { content: filesystem('xfs') },
      {},
      'holds xfs; remedy: another disk',
    ],
    ['is in use', { mounts: ['/data'] }, {}, 'cannot be used: it is in use (/data)'],
    [
      'is in use, even to be erased',
      { parts: [disk('/dev/vdb1', { type: 'part', mounts: ['/'] })] },
      { mayErase: true },
      'cannot be used: it is in use (/)',
    ],
    [
      'is the config drive, even to be erased',
      { content: filesystem('vfat', 'config-2') },
      { mayErase: true },
      'the cloud put it there',
    ],
    [
      'belongs to a volume, even to be erased',
      { parts: [disk('/dev/mapper/v', { type: 'lvm' })] },
      { mayErase: true },
      'it is part of /dev/mapper/v (lvm)',
    ],
    ['is read-only', { isReadOnly: true }, { mayErase: true }, 'it is read-only'],
  ])('is refused if it %s', (_what, also, wish, problem) => {
    expect(choose([disk('/dev/vdb', also)], { word: '/dev/vdb', ...wish })).toContain(problem);
  });

  test('may be erased where the context says so', () => {
    const word = '/dev/vdb';
    expect(choose([disk(word, { content: filesystem('ntfs') })], { word, mayErase: true })).toBe(
      word,
    );
  });

  test('and is not there is a problem by that name', () => {
    expect(choose([ROOT], { word: '/dev/vdz' })).toBe('there is no disk /dev/vdz');
  });

  test('may not be the scratch disk and swap', () => {
    expect(choose([data], { word: '/dev/vdb', taken: data })).toBe(
      '/dev/vdb is the scratch disk already',
    );
  });
});
