import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FUZZERS } from './fuzzers.ts';

const USAGE = `usage: npm run -s fuzz -- ${Object.keys(FUZZERS).join('|')} [--seconds 60] [--seed N] [--batch N] [--workers N] [--json]`;

const MAX_WORKERS = 64;

/** `npm run fuzz`: one fuzzer for a given time; exit code 1 if it found anything. */
const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      batch: { type: 'string', default: '0' },
      workers: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...more] = positionals;
  const run = Object.hasOwn(FUZZERS, name) ? FUZZERS[name] : undefined;
  const {
    seconds,
    seed,
    batch: firstBatch,
    workers,
  } = {
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    batch: Number(values.batch),
    workers: Number(values.workers),
  };
  if (
    run === undefined ||
    more.length > 0 ||
    ![seconds, seed, firstBatch].every(Number.isFinite) ||
    !(Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS)
  ) {
    console.error(USAGE);
    return 64;
  }
  const tell = (line: string): void => console.error(line);
  const durationMs = seconds * 1000;
  const { result: counted, complaints } = await run({
    ...{ seed, firstBatch, durationMs, workers, tell },
  });
  const result = { fuzz: name, ...counted, seed };
  if (values.json) console.log(JSON.stringify(result));
  else for (const [key, value] of Object.entries(result)) console.log(`${key.padEnd(18)} ${value}`);
  for (const complaint of complaints) console.error(`fuzz ${name}: ${complaint}`);
  return complaints.length === 0 ? 0 : 1;
};

process.exitCode = await main();
