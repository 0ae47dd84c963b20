import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLsblk } from '../../../../agent/disks/parse-lsblk.ts';

const row = (also: object) => ({
  name: '/dev/vda',
  'maj:min': '254:0',
  type: 'disk',
  size: 1073741824,
  ro: false,
  rm: false,
  serial: null,
  fstype: null,
  label: null,
  uuid: null,
  pttype: null,
  mountpoint: null,
  ...also,
});
const parse = (...rows: object[]) => parseLsblk(JSON.stringify({ blockdevices: rows }));

describe('what lsblk says', () => {
  test('is read with all that a disk is part of', () => {
    expect(
      parse(
        row({
          pttype: 'gpt',
          serial: ' vol-1 ',
          children: [
            row({
              name: '/dev/vda1',
              'maj:min': '254:1',
              type: 'part',
              pttype: 'gpt',
              fstype: 'ext4',
              label: 'root',
              uuid: 'u',
              mountpoint: '/boot',
              mountpoints: ['/', '/boot', null],
            }),
          ],
        }),
      ),
    ).toMatchObject([
      {
        path: '/dev/vda',
        number: '254:0',
        serial: 'vol-1',
        content: { kind: 'other', what: 'a partition table (gpt)' },
        parts: [
          {
            path: '/dev/vda1',
            type: 'part',
            content: { kind: 'filesystem', type: 'ext4', label: 'root', uuid: 'u' },
            mounts: ['/', '/boot'],
          },
        ],
      },
    ]);
  });

  test('is understood as util-linux 2.32 of EL 8 writes it, numbers and truths as texts', () => {
    const old = row({ size: '1073741824', ro: '0', rm: '1', 'maj:min': ' 11:0  ' });
    expect(parse(old)).toMatchObject([
      { number: '11:0', sizeBytes: 1073741824, isReadOnly: false, isRemovable: true },
    ]);
  });

  test('a partition does not hold the table that it stands in', () => {
    expect(parse(row({ type: 'part', pttype: 'gpt' }))).toMatchObject([
      { content: { kind: 'blank' } },
    ]);
  });

  test.each([
    ['no JSON', '/dev/vda disk'],
    ['no devices', '{}'],
    [
      'a device without a type',
      JSON.stringify({ blockdevices: [{ ...row({}), type: undefined }] }),
    ],
    ['a name that is no device', JSON.stringify({ blockdevices: [row({ name: 'vda' })] })],
    ['a name with blanks', JSON.stringify({ blockdevices: [row({ name: '/dev/a b' })] })],
    ['a size that is no number', JSON.stringify({ blockdevices: [row({ size: '1G' })] })],
    ['a truth that is none', JSON.stringify({ blockdevices: [row({ ro: 'no' })] })],
  ])('is refused if it is %s', (_what, text) => {
    expect(() => parseLsblk(text)).toThrow('what lsblk says of the disks cannot be understood');
  });

  test('is refused or read, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        try {
          expect(Array.isArray(parseLsblk(text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'reply-invalid' });
        }
      }),
    );
  });
});
