import { parseArgs } from 'node:util';
import { FUZZERS } from './fuzzer.ts';
import { runFuzzer } from './run-fuzzer.ts';
import { complaintsAbout } from './tally.ts';

const USAGE = `usage: npm run -s fuzz -- ${Object.keys(FUZZERS).join('|')} [--seconds 60] [--seed N] [--batch N] [--json]`;

/** `npm run fuzz`: one fuzzer for a given time; exit code 1 if it found anything. */
const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      batch: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...more] = positionals;
  const module = Object.hasOwn(FUZZERS, name) ? FUZZERS[name] : undefined;
  const [seconds, seed, firstBatch] = [values.seconds, values.seed, values.batch].map(Number);
  const isNumber = (value: number | undefined): value is number => Number.isFinite(value);
  if (
    module === undefined ||
    more.length > 0 ||
    !isNumber(seconds) ||
    !isNumber(seed) ||
    !isNumber(firstBatch)
  ) {
    console.error(USAGE);
    return 64;
  }
  const startedMs = performance.now();
  const tell = (line: string): void => console.error(line);
  const durationMs = seconds * 1000;
  const { tally, codes } = await runFuzzer({ module, seed, firstBatch, durationMs, tell });
  const complaints = complaintsAbout(tally, codes);
  const { inputs, accepted, crashes, hangs, peakMb } = tally;
  const perSecond = Math.round(inputs / ((performance.now() - startedMs) / 1000));
  const result = {
    fuzz: name,
    inputs,
    accepted,
    errorCodesReached: tally.codes.size,
    errorCodes: codes.length,
    crashes,
    hangs,
    peakMb,
    perSecond,
    seed,
  };
  if (values.json) console.log(JSON.stringify(result));
  else for (const [key, value] of Object.entries(result)) console.log(`${key.padEnd(18)} ${value}`);
  for (const complaint of complaints) console.error(`fuzz ${name}: ${complaint}`);
  return complaints.length === 0 ? 0 : 1;
};

process.exitCode = await main();
