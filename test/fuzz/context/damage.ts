import fc from 'fast-check';
import { TOKENS } from './words.ts';

/** How a text is changed: something hostile in its place, or somewhere in it. */
interface Change {
  token: string;
  /** Where in the text, 0 to 1; in its place where it is undefined. */
  at: number | undefined;
}

type Leaf = (change: (old: unknown) => unknown) => unknown;

/** For each value inside another, what gives the whole with that one changed. */
const leavesOf = (value: unknown): Leaf[] => {
  if (Array.isArray(value))
    return value.flatMap((item, n) =>
      leavesOf(item).map(
        (leaf): Leaf =>
          change =>
            value.with(n, leaf(change)),
      ),
    );
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, item]) =>
      leavesOf(item).map(
        (leaf): Leaf =>
          change => ({ ...value, [key]: leaf(change) }),
      ),
    );
  return [change => change(value)];
};

const change = (old: unknown, { token, at }: Change): unknown => {
  if (typeof old !== 'string' || at === undefined) return token;
  const place = Math.floor(at * (old.length + 1));
  return old.slice(0, place) + token + old.slice(place);
};

/** One of its values, however deep, is hostile: in each text of a context somebody may hide something. */
export const damaged = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      values,
      fc.nat(),
      fc.record({
        token: fc.constantFrom(...TOKENS),
        at: fc.option(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
          nil: undefined,
        }),
      }),
    )
    .map(([value, n, how]) => {
      const leaves = leavesOf(value);
      return leaves[n % leaves.length]?.(old => change(old, how)) ?? value;
    });
