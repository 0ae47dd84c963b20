import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isOwn,
  lastLines,
  meantPath,
  outputOf,
  pieceOf,
} from '../../../../agent/peek/pilot-places.ts';
import { asTree, type ProcessFacts, parseProcess } from '../../../../agent/peek/process-facts.ts';
import { showFiles } from '../../../../agent/peek/show-files.ts';
import { showPs, showTop } from '../../../../agent/peek/show-processes.ts';
import { LIMITS } from '../../../../protocol/limits.ts';

const stat = (pid: number, name: string, rest: { parent?: number; ticks?: number } = {}) =>
  `${pid} (${name}) S ${rest.parent ?? 1} 1 1 0 -1 0 0 0 0 0 ${rest.ticks ?? 0} 0 0 0 20 0 3 0 500 0 0`;
const process = (pid: number, parent: number, more: Partial<ProcessFacts> = {}): ProcessFacts => ({
  ...{ pid, parent, name: 'p', state: 'S', threads: 1, cpuMs: 0, startedMs: pid },
  ...{ residentKb: 100, uid: 1000, command: `p${pid}` },
  ...more,
});

describe('a process', () => {
  test('is read as proc(5) says, whatever its name and arguments are', () => {
    const status = 'Name:\tx\nUid:\t1001\t0\t0\t0\nVmRSS:\t  2048 kB\n';
    expect(
      parseProcess({ stat: stat(7, 'a) R 1 (b', { parent: 6, ticks: 250 }), status, cmdline: '' }),
    ).toEqual({
      ...{ pid: 7, parent: 6, name: 'a) R 1 (b', state: 'S', threads: 3, cpuMs: 2500 },
      ...{ startedMs: 5000, residentKb: 2048, uid: 1001, command: '[a) R 1 (b]' },
    });
    const odd = parseProcess({
      stat: stat(7, 'x'),
      status: '',
      cmdline: 'sh\0-c\0a\u001b[2J\nb\0',
    });
    expect(odd).toMatchObject({ command: 'sh -c a?[2J?b', uid: undefined, residentKb: 0 });
    for (const text of ['', '7', '7 (x', '7 (x) S 1'])
      expect(parseProcess({ stat: text, status: '', cmdline: '' })).toBeUndefined();
  });

  test('stands below its parent', () => {
    const all = [process(3, 2), process(2, 1), process(5, 2), process(4, 3)];
    expect(asTree(all).map(({ process: { pid }, depth }) => [pid, depth])).toEqual([
      [2, 0],
      [3, 1],
      [4, 2],
      [5, 1],
    ]);
  });

  test('is shown once, whoever says to be whose parent', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 30 }), pairs => {
        const all = [...new Map(pairs).entries()].map(([pid, parent]) => process(pid, parent));
        const shown = asTree(all).map(({ process: { pid } }) => pid);
        expect(shown.toSorted()).toEqual(all.map(({ pid }) => pid).toSorted());
      }),
    );
  });

  test('is listed for people', () => {
    const name = (uid: number | undefined) => (uid === 1000 ? 'plt00' : String(uid));
    const shown = showPs([process(2, 1), process(30, 2, { uid: 7 })], 60_030, name);
    expect(shown.split('\n')).toEqual([
      'PID  PPID  USER   S  THREADS  CPU  MEMORY  AGE  COMMAND',
      '2    1     plt00  S  1        0ms  100K    1m   p2',
      '30   2     7      S  1        0ms  100K    1m     p30',
      '',
    ]);
  });

  test('that uses most comes first; a number that was given anew counts from nothing', () => {
    const before = [process(2, 1), process(3, 1, { cpuMs: 100 }), process(4, 1, { cpuMs: 900 })];
    const after = [
      process(2, 1, { cpuMs: 500 }),
      process(3, 1, { cpuMs: 100 }),
      process(4, 1, { cpuMs: 50, startedMs: 99 }),
    ];
    const group = { memory: { usedBytes: 50 * 1024 * 1024, mostBytes: 1024 ** 3 }, tasks: 3 };
    const [sum, use, , , ...rows] = showTop(before, after, 1000, String, group).split('\n');
    expect(sum).toBe('3 processes, 0.55 cores, 300K resident');
    expect(use).toBe('memory 50M of 1024M, caches included, 3 tasks');
    expect(rows.map(row => row.split(/ +/)).map(([pid, , , , core]) => [pid, core])).toEqual([
      ['2', '50.0%'],
      ['4', '5.0%'],
      ['3', '0.0%'],
      ['', undefined],
    ]);
  });
});

describe('a path', () => {
  const places = { home: '/scratch/plt00', own: ['/scratch/plt00', '/tmp'] };
  test.each([
    [undefined, '/scratch/plt00'],
    ['log', '/scratch/plt00/log'],
    ['-rf', '/scratch/plt00/-rf'],
    ['../plt01', '/scratch/plt00/../plt01'],
    ['/etc', '/etc'],
  ])('%s means %s', (path, meant) => {
    expect(meantPath(path, places)).toBe(meant);
  });

  test.each([
    ['/scratch/plt00', true],
    ['/scratch/plt00/a', true],
    ['/tmp/x', true],
    ['/scratch/plt001', false],
    ['/scratch', false],
    ['/', false],
    ['/etc/passwd', false],
    ['', false],
  ])('that leads to %s is the pilot’s own: %s', (resolved, own) => {
    expect(isOwn(resolved, places.own)).toBe(own);
  });

  test('names the output of the pilot', () => {
    expect([undefined, 'stdout', 'stderr', 'log'].map(outputOf)).toEqual([
      ...['stdout', 'stdout', 'stderr', undefined],
    ]);
  });
});

describe('the end of a file', () => {
  const most = LIMITS.peekChars;
  test.each([
    [10, undefined, { fromByte: 0, isCut: false }],
    [most + 5, undefined, { fromByte: 5, isCut: false }],
    [10, 4, { fromByte: 4, isCut: false }],
    [10, 10, { fromByte: 10, isCut: false }],
    // It was emptied, or is another one.
    [10, 11, { fromByte: 0, isCut: false }],
    [most + 50, 49, { fromByte: 50, isCut: true }],
  ])('of %d bytes, followed from %s', (size, fromByte, piece) => {
    expect(pieceOf(size, fromByte)).toEqual(piece);
  });

  test('has as many lines as are asked for, the last with or without its end', () => {
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc\n');
    expect(lastLines('a\nb\nc', 2)).toBe('b\nc');
    expect(lastLines('\n\n', 1)).toBe('\n');
    expect(lastLines('', 3)).toBe('');
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (lines, count) => {
          const expected = lines.slice(-count).map(line => `${line}\n`);
          expect(lastLines(lines.map(line => `${line}\n`).join(''), count)).toBe(expected.join(''));
        },
      ),
    );
  });
});

describe('a folder', () => {
  const record = (name: string, target = '') =>
    `f\t644\tplt00\t12\t2026-11-24 11:00\0>${target}\0./${name}\0\n`;

  test('is listed by name, with what links hold', () => {
    const { text, isCut } = showFiles(record('') + record('b') + record('a', '/etc/passwd'));
    expect(text.split('\n')).toEqual([
      'TYPE  MODE  OWNER  BYTES  CHANGED           NAME',
      'f     644   plt00  12     2026-11-24 11:00  .',
      'f     644   plt00  12     2026-11-24 11:00  a -> /etc/passwd',
      'f     644   plt00  12     2026-11-24 11:00  b',
      '',
    ]);
    expect(isCut).toBe(false);
  });

  test('never has two lines for one file, nor anything that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^/\0]+$/u), name => {
        const { text } = showFiles(record(name));
        expect(text.split('\n')).toHaveLength(3);
        expect(text).not.toMatch(/[^\P{Cc}\n]/u);
      }),
    );
  });

  test('of which only the end is known is shown from the first whole file on', () => {
    expect(showFiles(`4\tplt00\t12\0>\0./cut\0\n${record('a')}`).text).not.toContain('cut');
    const many = Array.from({ length: 1001 }, (_, index) => record(`f${index}`)).join('');
    expect(showFiles(many).isCut).toBe(true);
  });
});
