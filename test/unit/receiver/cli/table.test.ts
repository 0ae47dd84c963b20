import { expect, it } from 'vitest';
import { facts, safeLines, safeText, table } from '../../../../platform/table.ts';
import { readingText } from '../../../../receiver/cli/reading-text.ts';
import { parseListen } from '../../../../receiver/cli/serve.ts';

it('aligns columns, with nothing behind the last', () => {
  expect(
    table(
      ['VM', 'STATE'],
      [
        ['a-long-name', 'running'],
        ['b', ''],
      ],
    ),
  ).toBe('VM           STATE\na-long-name  running\nb');
});

it('leaves out facts that are not known', () => {
  expect(
    facts([
      ['vm', '1'],
      ['site', ''],
      ['state', 'x'],
    ]),
  ).toBe('vm     1\nstate  x');
});

it('lets no VM write to the terminal', () => {
  expect(safeText('a\u001b[2Jb\r\nc\u202Ed')).toBe('a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}d');
  expect(safeLines('a\tb\nc\u001b[0m\u009b')).toBe('a\tb\nc\u{FFFD}[0m\u{FFFD}');
});

it.each([
  [null, '-'],
  [{ ok: true, value: 3 }, '3'],
  [{ ok: true, value: 0.456 }, '0.46'],
  [{ ok: false, reason: 'no-data' }, '?'],
  [{ ok: false, reason: 'failed' }, 'failed'],
] as const)('never shows a missing reading as zero: %o → %s', (reading, text) => {
  expect(readingText(reading)).toBe(text);
});

it.each([
  ['127.0.0.1:8443', '127.0.0.1', 8443],
  ['[::1]:0', '::1', 0],
  ['receiver.example:443', 'receiver.example', 443],
])('listens at %s', (text, host, port) => {
  expect(parseListen(text)).toEqual({ host, port });
});
it.each(['8443', ':8443', '127.0.0.1', '::1:8443', 'a:70000', 'a:b'])(
  'refuses to listen at %s',
  text => {
    expect(() => parseListen(text)).toThrow('give HOST:PORT');
  },
);
