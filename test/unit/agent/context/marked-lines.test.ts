import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withMarkedLines, withoutMarkedLines } from '../../../../agent/context/marked-lines.ts';

const line = fc.stringMatching(/^[a-z0-9 #/=]{0,20}$/);
/** A file as people leave it: lines, the last of them ended. */
const fileText = fc.array(line, { maxLength: 8 }).map(lines => lines.map(l => `${l}\n`).join(''));
const ours = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 3 });

describe('marked lines', () => {
  test('stand at the end of a file, between their marks', () => {
    expect(withMarkedLines('/dev/vda / ext4\n', 'scratch', ['/dev/vdb /scratch ext4'])).toBe(
      '/dev/vda / ext4\n# pilotage scratch: begin\n/dev/vdb /scratch ext4\n# pilotage scratch: end\n',
    );
  });

  test('are taken out without a trace', () => {
    fc.assert(
      fc.property(fileText, ours, (text, lines) => {
        expect(withoutMarkedLines(withMarkedLines(text, 'a', lines), 'a')).toBe(text);
      }),
    );
  });

  test('are replaced where they stand, and others of ours stay', () => {
    fc.assert(
      fc.property(fileText, ours, ours, fileText, (before, first, second, after) => {
        const text = withMarkedLines(withMarkedLines(before, 'a', first), 'b', first) + after;
        expect(withMarkedLines(text, 'a', second)).toBe(
          withMarkedLines(withMarkedLines(before, 'a', second), 'b', first) + after,
        );
      }),
    );
  });

  test('whose end somebody deleted do not swallow what follows', () => {
    expect(withoutMarkedLines('# pilotage a: begin\nx\ny\n', 'a')).toBe('x\ny\n');
  });

  test('end a last line that had no end of its own', () => {
    expect(withMarkedLines('x', 'a', ['y'])).toBe('x\n# pilotage a: begin\ny\n# pilotage a: end\n');
  });
});
