import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diskBytesOf, type LogFile } from '../../../../agent/logs/log-file.ts';
import { partBytes, planUpkeep, type UpkeepStep } from '../../../../agent/logs/plan-upkeep.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const NOW_MS = 1_000_000_000;
const DAY_MS = 86_400_000;
const LIMITS = {
  perPilot: 32 * MIB,
  total: 1024 * MIB,
  keepMs: 7 * DAY_MS,
  compressBytes: 64 * MIB,
};

const log = (name: string, sizeBytes: number, rest: Partial<LogFile> = {}): LogFile => {
  const [run = '', what = ''] = name.split('.');
  const [slot = '', generation = ''] = run.split('-');
  const floor = rest.floor ?? 0;
  return {
    ...{ name, slot, what, generation: Number(generation), sizeBytes, floor },
    ...{ diskBytes: sizeBytes - floor, modifiedMs: NOW_MS, parts: [] },
    ...rest,
  };
};
const part = (from: number, to: number, diskBytes = to - from) => ({ from, to, diskBytes });
const plan = (files: LogFile[], limits: Partial<typeof LIMITS> = {}) =>
  planUpkeep({ files, limits: { ...LIMITS, ...limits }, nowMs: NOW_MS });
const words = (steps: readonly UpkeepStep[]): string[] =>
  steps.map(step => {
    if (step.do === 'remove') return `remove ${step.name}`;
    if (step.do === 'raise') return `raise ${step.name} ${step.floor / KIB}`;
    return `${step.do} ${step.name} ${step.from / KIB}-${step.to / KIB}`;
  });
const old = { modifiedMs: NOW_MS - 3_600_000 };

describe('the upkeep of logs', () => {
  test.each([
    ['nothing', [], {}, []],
    ['a short log', [log('00-1.out', 4 * MIB)], {}, []],
    [
      'a long one, of which the end stays',
      [log('00-1.out', 7 * MIB)],
      {},
      [
        ...['compress 00-1.out 0-3072', 'raise 00-1.out 3072'],
        ...['compress 00-1.out 3072-5120', 'raise 00-1.out 5120'],
      ],
    ],
    [
      'one that grew faster than may be compressed, which loses its oldest',
      [log('00-1.out', 20 * MIB)],
      { compressBytes: 4 * MIB },
      [
        'raise 00-1.out 14336',
        ...['compress 00-1.out 14336-16384', 'raise 00-1.out 16384'],
        ...['compress 00-1.out 16384-18432', 'raise 00-1.out 18432'],
      ],
    ],
    [
      'a full disk, on which nothing is compressed',
      [log('00-1.out', 20 * MIB)],
      { compressBytes: 0, total: 0 },
      ['raise 00-1.out 20416'],
    ],
    [
      'a run that was followed by another',
      [log('00-1.out', 3 * MIB, old), log('00-1.err', 10 * KIB, old), log('00-2.out', 10 * KIB)],
      {},
      ['compress 00-1.out 0-3072', 'raise 00-1.out 3072'],
    ],
    [
      'one that still writes its last',
      [log('00-1.out', 3 * MIB, old), log('00-1.err', 10 * KIB), log('00-2.out', 10 * KIB)],
      {},
      [],
    ],
    [
      'the newest run, which may go on however long it is silent',
      [log('00-1.out', 3 * MIB, { modifiedMs: 0 })],
      { keepMs: 1 },
      [],
    ],
    [
      'more than a pilot may have',
      [
        log('00-1.out', 50 * MIB, {
          floor: 48 * MIB,
          parts: [part(0, 20 * MIB), part(20 * MIB, 40 * MIB), part(40 * MIB, 48 * MIB)],
        }),
      ],
      {},
      ['remove-part 00-1.out 0-20480'],
    ],
    [
      'more than all may have: ended runs go first, the oldest of them before the others',
      [
        log('00-1.out', 6 * MIB, { modifiedMs: NOW_MS - 3 * DAY_MS }),
        log('00-1.err', 1 * MIB, { modifiedMs: NOW_MS - 3 * DAY_MS }),
        log('00-2.out', 6 * MIB, {
          modifiedMs: NOW_MS - 2 * DAY_MS,
          floor: 6 * MIB,
          diskBytes: 6 * MIB,
        }),
        log('00-3.out', 1 * MIB),
      ],
      { total: 8 * MIB },
      ['remove 00-1.out', 'remove 00-1.err', 'raise 00-2.out 6144'],
    ],
    [
      'what is too old',
      [
        log('00-1.out', 10, { modifiedMs: NOW_MS - 7 * DAY_MS }),
        log('00-2.out', 10, { modifiedMs: NOW_MS - 6 * DAY_MS }),
        log('00-3.out', 10),
      ],
      {},
      ['remove 00-1.out'],
    ],
    [
      'a punch that never came to its end',
      [log('00-1.out', 3 * MIB, { floor: 2 * MIB, diskBytes: 3 * MIB })],
      {},
      ['raise 00-1.out 2048'],
    ],
  ] satisfies [string, LogFile[], Partial<typeof LIMITS>, string[]][])(
    'of %s',
    (_what, files, limits, steps) => {
      expect(words(plan(files, limits))).toEqual(steps);
    },
  );

  test('gives each of many chatty logs its part of what may be compressed', () => {
    const files = Array.from({ length: 64 }, (_, slot) =>
      log(`${String(slot).padStart(2, '0')}-1.out`, 8 * MIB),
    );
    const more = plan(files, { compressBytes: 64 * 3 * MIB });
    expect(new Set(more.flatMap(step => (step.do === 'compress' ? step.name : []))).size).toBe(64);
  });
});

const anyLog = fc
  .record({
    slot: fc.integer({ min: 0, max: 3 }),
    generation: fc.integer({ min: 1, max: 4 }),
    what: fc.constantFrom('out', 'err'),
    held: fc.nat(12 * MIB),
    lengths: fc.array(fc.integer({ min: 64 * KIB, max: 4 * MIB }), { maxLength: 5 }),
    ageMs: fc.nat(10 * DAY_MS),
  })
  .map(({ slot, generation, what, held, lengths, ageMs }) => {
    const parts: LogFile['parts'][number][] = [];
    for (const length of lengths) {
      const from = parts.at(-1)?.to ?? 0;
      parts.push(part(from, from + length, Math.ceil(length / 4)));
    }
    const floor = parts.at(-1)?.to ?? 0;
    const modifiedMs = NOW_MS - ageMs;
    return log(`0${slot}-${generation}.${what}`, floor + held, { floor, parts, modifiedMs });
  });
const anyLogs = fc.uniqueArray(anyLog, { selector: ({ name }) => name, maxLength: 12 });
const anyLimits = fc.record({
  perPilot: fc.integer({ min: MIB, max: 64 * MIB }),
  total: fc.nat(256 * MIB),
  keepMs: fc.integer({ min: 1, max: 10 * DAY_MS }),
  compressBytes: fc.nat(64 * MIB),
});

/** What is on the disk afterwards; compressed, nothing is smaller. */
const follow = (files: readonly LogFile[], steps: readonly UpkeepStep[]): LogFile[] => {
  let now = [...files];
  const change = (name: string, to: (file: LogFile) => LogFile) => {
    now = now.map(file => (file.name === name ? to(file) : file));
  };
  for (const step of steps) {
    if (step.do === 'remove') now = now.filter(({ name }) => name !== step.name);
    else if (step.do === 'remove-part')
      change(step.name, file => ({
        ...file,
        parts: file.parts.filter(({ from }) => from !== step.from),
      }));
    else if (step.do === 'compress')
      change(step.name, file => ({ ...file, parts: [...file.parts, part(step.from, step.to)] }));
    else
      change(step.name, file => ({
        ...file,
        floor: step.floor,
        diskBytes: file.sizeBytes - step.floor,
      }));
  }
  return now;
};

describe('whatever there is', () => {
  test('no step leaves a part twice, out of order, or above the beginning of its log', () => {
    fc.assert(
      fc.property(anyLogs, anyLimits, (files, limits) => {
        let now = files;
        for (const step of plan(files, limits)) {
          now = follow(now, [step]);
          const wrong = now.filter(
            ({ parts, floor, sizeBytes }) =>
              floor > sizeBytes ||
              parts.some(({ from, to }, nth) => to <= from || from < (parts[nth - 1]?.to ?? 0)),
          );
          if (wrong.length > 0) expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a log that goes on keeps its end, and nothing is given up that fits', () => {
    fc.assert(
      fc.property(anyLogs, anyLimits, (files, limits) => {
        const steps = plan(files, limits);
        for (const { floor, name, sizeBytes } of follow(files, steps)) {
          const before = files.find(file => file.name === name);
          const held = sizeBytes - (before?.floor ?? 0);
          const isNewest = !files.some(
            file => file.slot === before?.slot && file.generation > before.generation,
          );
          if (isNewest) expect(sizeBytes - floor).toBeGreaterThanOrEqual(Math.min(held, 64 * KIB));
        }
        const room = { perPilot: 1024 * MIB, total: 4096 * MIB, keepMs: 1e12, compressBytes: 1e12 };
        const kept = follow(files, plan(files, room));
        for (const { name, floor, parts } of kept) {
          const before = files.find(file => file.name === name);
          const bytes = parts.reduce((sum, { from, to }) => sum + to - from, 0);
          expect(bytes).toBe(floor - (before?.parts[0]?.from ?? 0));
        }
        expect(kept).toHaveLength(files.length);
      }),
      { numRuns: 50 },
    );
  });

  test('a few rounds bring all of it within the bounds, but for the ends', () => {
    fc.assert(
      fc.property(anyLogs, anyLimits, (files, limits) => {
        let now = files;
        for (let round = 0; round < 6; round += 1) now = follow(now, plan(now, limits));
        now = follow(now, plan(now, { ...limits, compressBytes: 0 }));
        const ends = 2 * partBytes(limits, now.length) * now.length;
        const sum = now.reduce((all, file) => all + diskBytesOf(file), 0);
        expect(sum).toBeLessThanOrEqual(Math.max(limits.total, ends));
        expect(
          plan(now, { ...limits, compressBytes: 0 }).filter(step => step.do !== 'raise'),
        ).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
