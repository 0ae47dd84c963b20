import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogStore } from '../../../../agent/logs/log-store.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createLogRing, offsetAt } from '../../../../agent/uplink/log-ring.ts';
import { createLogTails } from '../../../../agent/uplink/log-tails.ts';
import { toText } from '../../../../agent/uplink/to-text.ts';
import { createLog } from '../../../../platform/log.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';

const machine = async () => {
  const { files } = createFolderMachine();
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  const ring = createLogRing();
  const sparse = createMemorySparse(files);
  const store = createLogStore({ files, sparse, log: createLog('silent', () => undefined) });
  return { files, sparse, ring, tails: createLogTails(store, ring) };
};

describe('log tails', () => {
  test('hold what is new, and repeat what was not acknowledged', async () => {
    const { files, tails } = await machine();
    await files.write(`${PATHS.logs}/00-1.out`, 'one\n', { mode: 0o600 });
    const first = await tails.collect(1000);
    expect(first).toEqual([{ source: '00-1.out', fromByte: 0, text: 'one\n' }]);
    expect(await tails.collect(1000)).toEqual(first);
    tails.acknowledge(first);
    expect(await tails.collect(1000)).toEqual([]);
    await files.write(`${PATHS.logs}/00-1.out`, 'one\ntwo\n', { mode: 0o600 });
    expect(await tails.collect(1000)).toEqual([{ source: '00-1.out', fromByte: 4, text: 'two\n' }]);
  });

  test('far behind are the end only', async () => {
    const { files, tails } = await machine();
    await files.write(`${PATHS.logs}/00-1.out`, 'x'.repeat(50_000), { mode: 0o600 });
    expect(await tails.collect(600)).toEqual([
      { source: '00-1.out', fromByte: 49_400, text: 'x'.repeat(600) },
    ]);
  });

  test('share their bound in equal parts, and leave what one does not need to the others', async () => {
    const { files, ring, tails } = await machine();
    ring.add('a'.repeat(600));
    for (const [slot, bytes] of [
      ['00', 5000],
      ['01', 200],
      ['02', 9000],
    ] as const)
      await files.write(`${PATHS.logs}/${slot}-1.out`, 'p'.repeat(bytes), { mode: 0o600 });
    const pieces = await tails.collect(4000);
    expect(pieces.map(({ source, text }) => [source, text.length])).toEqual([
      ['agent', 600],
      ['00-1.out', 1133],
      ['01-1.out', 200],
      ['02-1.out', 2067],
    ]);
  });

  test('take turns where there is too little for all, whatever writes without end', async () => {
    const { files, tails } = await machine();
    const slots = ['00', '01', '02', '03', '04', '05'];
    const seen: string[][] = [];
    for (let round = 1; round <= 3; round += 1) {
      for (const slot of slots)
        await files.write(`${PATHS.logs}/${slot}-1.out`, 'p'.repeat(9000 * round), { mode: 0o600 });
      const pieces = await tails.collect(1024);
      tails.acknowledge(pieces);
      seen.push(pieces.map(({ source }) => source.slice(0, 2)));
    }
    expect(seen).toEqual([
      ['00', '01'],
      ['02', '03'],
      ['04', '05'],
    ]);
  });

  test('put what runs before what ran, and look at an ended run no more once its end is known', async () => {
    const { files, sparse, tails } = await machine();
    const looked: string[] = [];
    const measure = sparse.measure;
    sparse.measure = path => {
      looked.push(path.slice(PATHS.logs.length + 1));
      return measure(path);
    };
    for (const run of ['00-1', '00-2', '00-3'])
      await files.write(`${PATHS.logs}/${run}.out`, run, { mode: 0o600 });
    const pieces = await tails.collect(1024);
    expect(pieces.map(({ source }) => source)).toEqual(['00-3.out', '00-1.out', '00-2.out']);
    tails.acknowledge(pieces);
    await tails.collect(1024);
    looked.length = 0;
    await tails.collect(1024);
    expect(looked).toEqual(['00-3.out']);
  });

  test('do not follow a link that a pilot puts in place of its log', async () => {
    const { files, tails } = await machine();
    const { symlinkSync } = await import('node:fs');
    await files.makeDirectory('/etc', { mode: 0o755 });
    await files.write('/etc/shadow', 'hush', { mode: 0o600 });
    symlinkSync(files.locate('/etc/shadow'), files.locate(`${PATHS.logs}/00-1.out`));
    await expect(tails.collect(1000)).resolves.toEqual([]);
  });
});

test('the log of the next agent goes on beyond that of the one before', () => {
  const first = createLogRing(offsetAt(1_000_000));
  first.add('x'.repeat(40_000));
  const next = createLogRing(offsetAt(1_001_000));
  expect(next.size()).toBeGreaterThan(first.size());
  next.add('line');
  expect(next.piece(first.size(), 100)).toEqual({
    fromByte: offsetAt(1_001_000),
    bytes: Buffer.from('line'),
  });
});

describe('the text of a piece', () => {
  test('ends at a whole character', () => {
    expect(toText(Buffer.from('aé').subarray(0, 2))).toBe('a');
    expect(toText(Buffer.from('aé'))).toBe('aé');
    expect(toText(Buffer.from('€').subarray(0, 1))).toBe('');
  });

  test('is as long as its bytes, so that offsets stay true', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const text = toText(Buffer.from(bytes));
        expect(bytes.length - Buffer.byteLength(text)).toBeGreaterThanOrEqual(0);
        expect(bytes.length - Buffer.byteLength(text)).toBeLessThanOrEqual(3);
      }),
    );
  });
});
