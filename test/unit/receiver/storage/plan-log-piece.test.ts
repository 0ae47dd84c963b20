import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLogPiece, type Range } from '../../../../receiver/storage/plan-log-piece.ts';

const LIMITS = { keptBytes: 100, keptChunks: 8, chunkBytes: 20 };
const range = (fromByte: number, toByte: number): Range => ({ fromByte, toByte });

/** A storage in miniature: which chunks there are, and which byte values they hold. */
const createModel = (limits = LIMITS) => {
  let chunks: Range[] = [];
  return {
    chunks: () => chunks,
    add: (piece: Range) => {
      const plan = planLogPiece(chunks, piece, limits);
      chunks = chunks.filter(({ fromByte }) => !plan.drop.includes(fromByte));
      for (const { fromByte, toByte, onto } of plan.add) {
        const before = chunks.find(chunk => chunk.fromByte === onto);
        if (before === undefined) chunks.push(range(fromByte, toByte));
        else before.toByte = toByte;
      }
      chunks = chunks.sort((a, b) => a.fromByte - b.fromByte);
    },
  };
};
const bytesOf = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ fromByte, toByte }) =>
    Array.from({ length: toByte - fromByte }, (_, n) => fromByte + n),
  );

describe('planLogPiece', () => {
  it.each([
    ['a first piece', [], range(0, 10), { add: [range(0, 10)], drop: [] }],
    ['a repeat', [range(0, 10)], range(0, 10), { add: [], drop: [] }],
    ['a part of a repeat', [range(0, 10)], range(3, 7), { add: [], drop: [] }],
    ['an overlap', [range(0, 18)], range(8, 30), { add: [range(18, 30)], drop: [] }],
    ['a gap', [range(0, 10)], range(15, 20), { add: [range(15, 20)], drop: [] }],
    [
      'what fills a gap',
      [range(0, 15), range(25, 30)],
      range(10, 40),
      { add: [range(15, 25), range(30, 40)], drop: [] },
    ],
    ['an empty piece', [range(0, 10)], range(10, 10), { add: [], drop: [] }],
    [
      'one that makes the first too old',
      [range(0, 10), range(10, 30)],
      range(120, 125),
      { add: [range(120, 125)], drop: [0] },
    ],
    ['one that is too old itself', [range(200, 210)], range(0, 50), { add: [], drop: [] }],
    [
      'one that is partly too old',
      [range(200, 210)],
      range(90, 120),
      { add: [range(110, 120)], drop: [] },
    ],
  ])('takes %s', (_name, kept, piece, plan) => {
    expect(planLogPiece(kept, piece, { ...LIMITS, chunkBytes: 5 })).toEqual(plan);
  });

  it('continues a chunk that is not yet full', () => {
    expect(planLogPiece([range(0, 10)], range(10, 15), LIMITS).add).toEqual([
      { ...range(10, 15), onto: 0 },
    ]);
  });

  const pieces = fc.array(
    fc
      .record({ at: fc.nat(300), length: fc.nat(40) })
      .map(({ at, length }) => range(at, at + length)),
    { maxLength: 60 },
  );

  it('keeps its chunks disjoint, bounded, and within what was sent', () => {
    fc.assert(
      fc.property(pieces, sent => {
        const model = createModel();
        for (const piece of sent) {
          model.add(piece);
          const chunks = model.chunks();
          expect(chunks.length).toBeLessThanOrEqual(LIMITS.keptChunks);
          for (const [index, chunk] of chunks.entries()) {
            expect(chunk.toByte).toBeGreaterThan(chunk.fromByte);
            expect(chunk.fromByte).toBeGreaterThanOrEqual(chunks[index - 1]?.toByte ?? 0);
          }
        }
        const all = new Set(bytesOf(sent));
        for (const byte of bytesOf(model.chunks())) expect(all.has(byte)).toBe(true);
      }),
    );
  });

  it('loses no byte in any order, with any repeats, while nothing is too old', () => {
    fc.assert(
      fc.property(pieces, sent => {
        const model = createModel({ keptBytes: 1000, keptChunks: 1000, chunkBytes: 20 });
        for (const piece of sent) model.add(piece);
        const expected = [...new Set(bytesOf(sent))].sort((a, b) => a - b);
        expect(bytesOf(model.chunks())).toEqual(expected);
      }),
    );
  });

  it('changes nothing when all is sent again', () => {
    fc.assert(
      fc.property(pieces, sent => {
        const model = createModel({ keptBytes: 1000, keptChunks: 1000, chunkBytes: 20 });
        for (const piece of sent) model.add(piece);
        const before = structuredClone(model.chunks());
        for (const piece of sent) model.add(piece);
        expect(model.chunks()).toEqual(before);
      }),
    );
  });
});
