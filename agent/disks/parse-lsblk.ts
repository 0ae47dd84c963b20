import * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { Disk, DiskContent } from './disk.ts';

/** util-linux before 2.33 writes numbers and truths as texts. */
const Flag = v.pipe(
  v.union([v.boolean(), v.picklist(['0', '1'])]),
  v.transform(flag => flag === true || flag === '1'),
);
const Size = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]),
  v.safeInteger(),
);
const Text = v.nullish(v.string());
const Path = v.pipe(v.string(), v.regex(/^\/dev\/[A-Za-z0-9._:+/-]+$/));

interface Row {
  name: string;
  'maj:min': string;
  type: string;
  size: number;
  ro: boolean;
  rm: boolean;
  serial?: string | null | undefined;
  fstype?: string | null | undefined;
  label?: string | null | undefined;
  uuid?: string | null | undefined;
  pttype?: string | null | undefined;
  mountpoint?: string | null | undefined;
  mountpoints?: (string | null)[] | undefined;
  children?: Row[] | undefined;
}

const Row: v.GenericSchema<unknown, Row> = v.object({
  name: Path,
  'maj:min': v.pipe(v.string(), v.trim(), v.regex(/^\d+:\d+$/)),
  type: v.string(),
  size: Size,
  ro: Flag,
  rm: Flag,
  serial: Text,
  fstype: Text,
  label: Text,
  uuid: Text,
  pttype: Text,
  mountpoint: Text,
  // Since 2.37, in the place of the first one alone.
  mountpoints: v.optional(v.array(v.nullable(v.string()))),
  children: v.optional(v.array(v.lazy(() => Row))),
});
const Report = v.object({ blockdevices: v.array(Row) });

const given = <K extends string>(key: K, value: string | null | undefined) =>
  (value ?? '') === '' ? {} : ({ [key]: value } as Record<K, string>);

/** A partition's row names the table that it stands in, which is no content of its own. */
const contentOf = ({ type, fstype, label, uuid, pttype }: Row): DiskContent => {
  if ((fstype ?? '') !== '')
    return {
      kind: 'filesystem',
      type: fstype ?? '',
      ...given('label', label),
      ...given('uuid', uuid),
    };
  if (type !== 'part' && (pttype ?? '') !== '')
    return { kind: 'other', what: `a partition table (${pttype})` };
  return { kind: 'blank' };
};

const diskOf = (row: Row): Disk => ({
  path: row.name,
  aliases: [],
  number: row['maj:min'],
  type: row.type,
  sizeBytes: row.size,
  isReadOnly: row.ro,
  isRemovable: row.rm,
  ...given('serial', row.serial?.trim()),
  mounts: [
    ...new Set(
      [...(row.mountpoints ?? []), row.mountpoint].filter(
        (mount): mount is string => typeof mount === 'string',
      ),
    ),
  ],
  content: contentOf(row),
  parts: (row.children ?? []).map(diskOf),
});

/**
 * Reads what `lsblk --json --bytes --paths --output-all` prints. A disk on which it saw nothing counts
 * as blank here; that alone proves nothing.
 * @throws reply-invalid if it is anything else: a guess about disks could cost somebody's data
 */
export const parseLsblk = (text: string): Disk[] => {
  const report = parseJson(Report, text);
  if (report === undefined)
    throw new PilotageError('reply-invalid', 'what lsblk says of the disks cannot be understood');
  return report.blockdevices.map(diskOf);
};
