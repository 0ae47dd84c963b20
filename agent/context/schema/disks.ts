import * as v from 'valibot';
import { AbsolutePath, text, whole } from './words.ts';

/** Disks beside the root disk: for the pilots' scratch folders, and for swap. */

const DISK = 'largest-blank, a device such as /dev/vdb or /dev/disk/by-id/…, label:… or serial:…';
/**
 * Which disk. `largest-blank` takes the largest that holds nothing at all; by a name, the disk is used as
 * it is if it holds the right filesystem, and formatted if it is blank.
 */
const DiskWord = text(
  /^(?:largest-blank|\/dev\/(?!.*\.\.)[A-Za-z0-9._:+/-]*[A-Za-z0-9._:+-]|(?:label|serial):[A-Za-z0-9._-]{1,64})$/,
  DISK,
);

/** What a filesystem of a type has room for. */
const LABEL_CHARS = { ext4: 16, xfs: 12 } as const;

export const Scratch = v.pipe(
  v.strictObject({
    path: v.optional(AbsolutePath, '/scratch'),
    /** Without one, the folder lies on the root disk. */
    disk: v.optional(DiskWord),
    filesystem: v.optional(v.picklist(['ext4', 'xfs'], 'one of: ext4, xfs'), 'ext4'),
    /** `always` erases whatever a named disk holds, once for each instance: not at a reboot. */
    format: v.optional(
      v.picklist(['blank-only', 'always'], 'one of: blank-only, always'),
      'blank-only',
    ),
    /** One partition over all of a blank disk, instead of the disk as a whole. */
    partition: v.optional(v.boolean('true or false'), false),
    /** False: where there is no such disk, the root disk has to do. */
    required: v.optional(v.boolean('true or false'), true),
  }),
  v.forward(
    v.check(
      ({ format, disk }) => format !== 'always' || (disk ?? 'largest-blank') !== 'largest-blank',
      'blank-only; always erases, so it needs a disk that is named',
    ),
    ['format'],
  ),
  v.forward(
    v.check(
      ({ disk, filesystem }) =>
        disk?.startsWith('label:') !== true ||
        disk.length - 'label:'.length <= LABEL_CHARS[filesystem],
      `a label of at most ${LABEL_CHARS.ext4} characters for ext4, ${LABEL_CHARS.xfs} for xfs`,
    ),
    ['disk'],
  ),
);

export const Swap = v.pipe(
  v.strictObject({
    /** The size of a swap file. */
    sizeMb: v.optional(whole(16, 100_000_000)),
    /** The same as a share of the VM's memory, such as 0.5. */
    memoryShare: v.optional(
      v.pipe(v.number('a number'), v.minValue(0.01, 'at least 0.01'), v.maxValue(16, 'at most 16')),
    ),
    /** Of the swap file; under the scratch folder without it. */
    path: v.optional(AbsolutePath),
    /** Swap to a disk instead, which must be blank the first time. */
    disk: v.optional(DiskWord),
  }),
  v.check(
    ({ sizeMb, memoryShare, disk }) =>
      [sizeMb, memoryShare, disk].filter(given => given !== undefined).length === 1,
    'one of sizeMb, memoryShare and disk',
  ),
  v.forward(
    v.check(({ path, disk }) => path === undefined || disk === undefined, 'a path, or a disk'),
    ['path'],
  ),
);
