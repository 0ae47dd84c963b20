import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, openSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogKeeper } from '../../../../agent/logs/keep-logs.ts';
import { createLogStore, type LogStore } from '../../../../agent/logs/log-store.ts';
import { planUpkeep, type UpkeepLimits } from '../../../../agent/logs/plan-upkeep.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createExec } from '../../../../platform/exec.ts';
import type { Files } from '../../../../platform/files.ts';
import { createLog } from '../../../../platform/log.ts';
import { createSparseFiles } from '../../../../platform/sparse-files.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { createLeapingClock } from '../../../support/leaping-clock.ts';

const KIB = 1024;
const NAME = '00-1.out';
const silent = createLog('silent', () => undefined);

const machine = async () => {
  const { files } = createFolderMachine();
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  const sparse = createSparseFiles(files, createExec());
  return { files, sparse, open: () => createLogStore({ files, sparse, log: silent }) };
};
const limitsOf = (rest: Partial<UpkeepLimits> = {}): UpkeepLimits => ({
  ...{ perPilot: 1024 * KIB, total: 1e12, keepMs: 1e12, compressBytes: 1e12 },
  ...rest,
});
const upkeep = async (store: LogStore, limits: UpkeepLimits): Promise<void> => {
  const files = await store.survey();
  for (const step of planUpkeep({ files, limits, nowMs: Date.now() })) await store.perform(step);
};
/** Each byte tells where it was written. */
const PERIOD = 89;
const PATTERN = Buffer.alloc(
  8 * 1024 * KIB,
  Buffer.from(Array.from({ length: PERIOD }, (_, n) => 33 + n)),
);
const bytesAt = (from: number, to: number): Buffer =>
  PATTERN.subarray(from % PERIOD, (from % PERIOD) + to - from);

/** All that is left of a log, stretch by stretch. */
const readAll = async (store: LogStore, name = NAME) => {
  const stretches: { from: number; bytes: Buffer }[] = [];
  for (let at = 0; ; ) {
    const found = await store.read(name, at, 100 * KIB);
    if (found === undefined || found.bytes.length === 0) return stretches;
    const last = stretches.at(-1);
    if (last !== undefined && last.from + last.bytes.length === found.fromByte)
      last.bytes = Buffer.concat([last.bytes, found.bytes]);
    else stretches.push({ from: found.fromByte, bytes: Buffer.from(found.bytes) });
    at = found.fromByte + found.bytes.length;
  }
};

const append = (files: Files, from: number, length: number): void =>
  appendFileSync(files.locate(`${PATHS.logs}/${NAME}`), bytesAt(from, from + length));

describe('a log on the disk', () => {
  test('is read as it was written, over rotations, losses and restarts', async () => {
    const action = fc.oneof(
      fc.record({
        do: fc.constant('write' as const),
        length: fc.integer({ min: 1, max: 300 * KIB }),
      }),
      fc.record({
        do: fc.constant('upkeep' as const),
        perPilotKib: fc.constantFrom(200, 1024),
        compressKib: fc.constantFrom(0, 100, 100_000),
      }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 8 }), async actions => {
        const { files, open } = await machine();
        append(files, 0, 1);
        let store = open();
        let size = 1;
        let gone = 0;
        for (const each of actions) {
          if (each.do === 'restart') store = open();
          else if (each.do === 'write') {
            append(files, size, each.length);
            size += each.length;
          } else {
            const limits = limitsOf({
              perPilot: each.perPilotKib * KIB,
              compressBytes: each.compressKib * KIB,
            });
            await upkeep(store, limits);
          }
          const kept = await readAll(store);
          for (const { from, bytes } of kept)
            expect(bytes.equals(bytesAt(from, from + bytes.length))).toBe(true);
          const last = kept.at(-1);
          expect((last?.from ?? 0) + (last?.bytes.length ?? 0)).toBe(size);
          // What was lost once never comes back, and nothing is lost but by an upkeep.
          const lost = size - kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
          expect(lost).toBeGreaterThanOrEqual(gone);
          if (each.do !== 'upkeep') expect(lost).toBe(gone);
          gone = lost;
          expect(await store.size(NAME)).toBe(size);
        }
      }),
      { numRuns: 12 },
    );
  });

  test('loses no byte while its writer goes on, whatever is compressed meanwhile', async () => {
    const { files, open } = await machine();
    const store = open();
    const path = files.locate(`${PATHS.logs}/${NAME}`);
    const out = openSync(path, 'a', 0o600);
    const lines = 40_000;
    const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i of a pilot that has much to say"; done`;
    const writer = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', out, 'ignore'] });
    onTestFinished(() => void writer.kill('SIGKILL'));
    const ended = once(writer, 'exit');
    let rounds = 0;
    for (let over = false; !over; rounds += 1) {
      void ended.then(() => {
        over = true;
      });
      await upkeep(store, limitsOf());
      await new Promise(resolve => setImmediate(resolve));
    }
    await upkeep(store, limitsOf());
    const [all, ...more] = await readAll(store);
    expect(more).toEqual([]);
    const said = all?.bytes.toString().trimEnd().split('\n') ?? [];
    expect(said).toHaveLength(lines);
    expect(said.every((line, index) => line.startsWith(`line ${index + 1} of`))).toBe(true);
    expect(rounds).toBeGreaterThan(2);
  });

  test('takes no more than its bound, and its end is always there', async () => {
    const { files, sparse, open } = await machine();
    const store = open();
    let size = 0;
    for (let round = 0; round < 12; round += 1) {
      append(files, size, 400 * KIB);
      size += 400 * KIB;
      await upkeep(store, limitsOf());
    }
    const [file] = await store.survey();
    const parts = await files.list(PATHS.oldLogs);
    let disk = (await sparse.measure(`${PATHS.logs}/${NAME}`))?.diskBytes ?? 0;
    for (const name of parts)
      disk += (await sparse.measure(`${PATHS.oldLogs}/${name}`))?.diskBytes ?? 0;
    expect(size).toBe(4800 * KIB);
    expect(file?.sizeBytes).toBe(size);
    expect(disk).toBeLessThan(1200 * KIB);
    const last = (await readAll(store)).at(-1);
    expect((last?.from ?? 0) + (last?.bytes.length ?? 0)).toBe(size);
  });

  test('that its own pilot truncates or blows up costs little, and hurts no other', async () => {
    const { files, open } = await machine();
    const store = open();
    append(files, 0, 500 * KIB);
    await upkeep(store, limitsOf());
    truncateSync(files.locate(`${PATHS.logs}/${NAME}`), 10);
    await upkeep(store, limitsOf());
    expect((await store.read(NAME, 600 * KIB, 100))?.bytes.length).toBe(0);
    truncateSync(files.locate(`${PATHS.logs}/${NAME}`), 2 ** 42);
    await upkeep(store, limitsOf({ compressBytes: 1024 * KIB }));
    const [file] = await store.survey();
    expect(file?.diskBytes).toBeLessThan(1024 * KIB);
    expect(file?.floor).toBeGreaterThan(2 ** 42 - 1024 * KIB);
  });
});

describe('the keeper of logs', () => {
  test('forgets ended runs by age, with all that belonged to them, and goes on after a failure', async () => {
    const { files, open } = await machine();
    const clock = createLeapingClock();
    const warned: string[] = [];
    const log = createLog('warn', line => void warned.push(line));
    const store = open();
    for (const run of ['00-1', '00-2', '00-3'])
      await files.write(`${PATHS.logs}/${run}.out`, bytesAt(0, 200 * KIB), { mode: 0o600 });
    const later = { ...clock, wallMs: () => Date.now() + 3_600_000 };
    const keep = (keepMs: number) =>
      createLogKeeper({ clock: later, files, log }, store, {
        perPilotMb: 1,
        totalMb: 100,
        keep: keepMs,
      });
    await keep(7_200_000).round();
    expect((await files.list(PATHS.oldLogs)).filter(name => name.startsWith('00-1'))).not.toEqual(
      [],
    );
    await keep(1).round();
    expect(await store.names()).toEqual(['00-3.out']);
    expect((await files.list(PATHS.oldLogs)).filter(name => !name.startsWith('00-3'))).toEqual([]);
    const broken = { ...store, perform: () => Promise.reject(new Error('no space left')) };
    append(files, 0, 3000 * KIB);
    await createLogKeeper({ clock: later, files, log }, broken, {
      ...{ perPilotMb: 1, totalMb: 100, keep: 1e9 },
    }).round();
    expect(warned.join()).toContain('no space left');
  });
});
