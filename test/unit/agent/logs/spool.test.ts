import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSpool } from '../../../../agent/logs/spool.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';

const UNIT = '00-1';
const COPY = `${PATHS.logs}/${UNIT}.log.StartLog`;

const setUp = async () => {
  const files = createMemoryFiles();
  for (const folder of [PATHS.logs, PATHS.run]) await files.makeDirectory(folder, { mode: 0o700 });
  return { files, sparse: createMemorySparse(files) };
};

test('what pilots write is copied once, over rotations, restarts and copies that were cut short', async () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('write' as const), bytes: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ do: fc.constant('collect' as const), most: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('rotate' as const) }),
    fc.record({ do: fc.constant('restart' as const) }),
    fc.record({
      do: fc.constant('fail in the middle' as const),
      after: fc.integer({ min: 0, max: 60 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async actions => {
      const { files, sparse } = await setUp();
      let fullAfter: number | undefined;
      const ports = {
        files,
        sparse: {
          ...sparse,
          append: async (path: string, bytes: Buffer) => {
            if (fullAfter === undefined) return sparse.append(path, bytes);
            if (fullAfter > 0) await sparse.append(path, bytes.subarray(0, fullAfter));
            throw new Error('no space left');
          },
        },
      };
      let spool = createSpool(ports, '00');
      /** The pilot's files, the oldest first; each is known by its number. */
      const written: string[] = [''];
      let said = 0;
      const collect = async (most: number) => {
        const known = await spool.known();
        const pieces = written.flatMap((text, nth) => {
          const fromByte = known.get(`${nth}`) ?? 0;
          const bytes = Buffer.from(text.slice(fromByte, fromByte + most));
          return bytes.length === 0 ? [] : [{ name: 'StartLog', inode: `${nth}`, fromByte, bytes }];
        });
        // What follows on a file that was not read to its end would come before it.
        await spool.add(UNIT, pieces.slice(0, 1));
      };
      for (const each of actions) {
        if (each.do === 'write') {
          for (let n = 0; n < each.bytes; n += 1)
            written[written.length - 1] += String.fromCharCode(33 + (said++ % 90));
        } else if (each.do === 'rotate') written.push('');
        else if (each.do === 'collect') await collect(each.most);
        else if (each.do === 'restart') spool = createSpool(ports, '00');
        else {
          fullAfter = each.after;
          await collect(40).catch(() => undefined);
          fullAfter = undefined;
        }
      }
      for (let round = 0; round < 200; round += 1) await collect(40);
      expect((await files.read(COPY, 1e6)) ?? '').toBe(written.join(''));
    }),
    { numRuns: 60 },
  );
});

test('a gap is told in the copy, and another slot has marks of its own', async () => {
  const { files, sparse } = await setUp();
  const spool = createSpool({ files, sparse }, '00');
  const piece = (fromByte: number, text: string) => ({
    ...{ name: 'StartLog', inode: '7', fromByte, bytes: Buffer.from(text) },
  });
  await spool.add(UNIT, [piece(0, 'one\n')]);
  await spool.add(UNIT, [piece(100, 'two\n')]);
  expect(await files.read(COPY, 1000)).toBe('one\n[96 bytes are not here]\ntwo\n');
  expect([...(await spool.known())]).toEqual([['7', 104]]);
  expect([...(await createSpool({ files, sparse }, '01').known())]).toEqual([]);
});
