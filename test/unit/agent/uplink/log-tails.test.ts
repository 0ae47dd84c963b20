import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PATHS } from '../../../../agent/paths.ts';
import { createLogRing, offsetAt } from '../../../../agent/uplink/log-ring.ts';
import { createLogTails, toText } from '../../../../agent/uplink/log-tails.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';

const machine = async () => {
  const { files } = createFolderMachine();
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  const ring = createLogRing();
  return { files, ring, tails: createLogTails(files, ring) };
};

describe('log tails', () => {
  test('hold what is new, and repeat what was not acknowledged', async () => {
    const { files, tails } = await machine();
    await files.write(`${PATHS.logs}/00-1.out`, 'one\n', { mode: 0o600 });
    const first = await tails.collect(100, 1000);
    expect(first).toEqual([{ source: '00-1.out', fromByte: 0, text: 'one\n' }]);
    expect(await tails.collect(100, 1000)).toEqual(first);
    tails.acknowledge(first);
    expect(await tails.collect(100, 1000)).toEqual([]);
    await files.write(`${PATHS.logs}/00-1.out`, 'one\ntwo\n', { mode: 0o600 });
    expect(await tails.collect(100, 1000)).toEqual([
      { source: '00-1.out', fromByte: 4, text: 'two\n' },
    ]);
  });

  test('far behind are the end only', async () => {
    const { files, tails } = await machine();
    await files.write(`${PATHS.logs}/00-1.out`, 'x'.repeat(50_000), { mode: 0o600 });
    expect(await tails.collect(10, 1000)).toEqual([
      { source: '00-1.out', fromByte: 49_990, text: 'x'.repeat(10) },
    ]);
  });

  test('share their bound, the agent first', async () => {
    const { files, ring, tails } = await machine();
    ring.add('a'.repeat(60));
    for (const slot of ['00', '01', '02'])
      await files.write(`${PATHS.logs}/${slot}-1.out`, 'p'.repeat(60), { mode: 0o600 });
    const pieces = await tails.collect(60, 130);
    expect(pieces.map(({ source, text }) => [source, text.length])).toEqual([
      ['agent', 60],
      ['00-1.out', 60],
      ['01-1.out', 10],
    ]);
  });

  test('do not follow a link that a pilot puts in place of its log', async () => {
    const { files, tails } = await machine();
    const { symlinkSync } = await import('node:fs');
    await files.makeDirectory('/etc', { mode: 0o755 });
    await files.write('/etc/shadow', 'hush', { mode: 0o600 });
    symlinkSync(files.locate('/etc/shadow'), files.locate(`${PATHS.logs}/00-1.out`));
    await expect(tails.collect(100, 1000)).resolves.toEqual([]);
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
