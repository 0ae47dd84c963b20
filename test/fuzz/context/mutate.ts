import fc from 'fast-check';
import { TOKENS } from './words.ts';

/** One change of a text: somewhere (0 to 1), over some bytes. */
interface Change {
  kind: 'flip' | 'delete' | 'repeat' | 'insert' | 'cut';
  at: number;
  length: number;
  token: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('flip', 'delete', 'repeat', 'insert', 'cut'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 40 }),
  token: fc.constantFrom(...TOKENS),
});

const apply = (bytes: Buffer, { kind, at, length, token }: Change): Buffer => {
  const from = Math.floor(at * bytes.length);
  const [head, tail] = [bytes.subarray(0, from), bytes.subarray(from)];
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (from < copy.length) copy[from] = (copy[from] ?? 0) ^ (1 << (length % 8));
      return copy;
    }
    case 'delete':
      return Buffer.concat([head, tail.subarray(length)]);
    case 'repeat':
      return Buffer.concat([head, tail.subarray(0, length), tail]);
    case 'insert':
      return Buffer.concat([head, Buffer.from(token), tail]);
    case 'cut':
      return Buffer.from(head);
  }
};

/** Samples with up to five changes. */
export const mutated = (samples: readonly Buffer[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([sample, changes]) => changes.reduce(apply, sample));
