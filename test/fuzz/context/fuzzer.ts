import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { contextJsonSchema } from '../../../agent/context/json-schema.ts';
import { PROBLEM_CODES } from '../../../agent/context/problem.ts';
import { fuzzInputs, type InputFuzzer } from '../input-fuzzer.ts';
import { damaged } from './damage.ts';
import { fromSchema, type SchemaPart } from './from-schema.ts';
import { judgeContext } from './judge.ts';
import { mutated } from './mutate.ts';
import { renewedContext } from './renewed.ts';
import { validContext } from './valid.ts';
import { tokens } from './words.ts';
import { wrapped } from './wrap.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const readAll = (folder: string): Buffer[] =>
  readdirSync(join(REPOSITORY, folder)).map(name => readFileSync(join(REPOSITORY, folder, name)));

/** Refused by the size of the machine alone. */
const TOO_LARGE = Buffer.from(
  'version: 1\npilots: {kind: command, command: [/bin/true], slots: fixed, coresPerSlot: 4096}\n',
);

const CORPUS = [
  ...[
    'cloud-init/samples',
    'test/fixtures/context/glideinwms',
    'test/fixtures/context/bad',
  ].flatMap(readAll),
  TOO_LARGE,
];
const isSmall = ({ length }: Buffer): boolean => length < 8192;
const SMALL = CORPUS.filter(isSmall);

const asText = (context: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(context, fc.boolean())
    .map(([value, asJson]) => Buffer.from(asJson ? JSON.stringify(value) : stringify(value)));

/** Every key that the schema has, with values that it takes. */
const anyContext = fromSchema(contextJsonSchema() as SchemaPart);

/** A valid context in which one key has a value of any kind, or is a key of any name. */
const almostValid = fc
  .tuple(
    validContext,
    fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('pilots', 'cvmfs', 'policies', 'glidein', 'receiver', 'version'),
    ),
    fc.jsonValue({ maxDepth: 3 }),
  )
  .map(([context, key, value]) => ({ ...context, [key]: value }));

/** More of one thing than anybody would write. */
const plenty = fc
  .tuple(
    fc.constantFrom(
      '[',
      '{',
      '- ',
      '? ',
      'a: ',
      'a: [',
      '*a ',
      '"',
      '\n',
      ' ',
      ',',
      '=',
      '####',
      '--B\n',
      'A',
      '<<: ',
      '&a ',
    ),
    fc.integer({ min: 100, max: 20_000 }),
  )
  .map(([token, count]) =>
    Buffer.from(`version: 1\nx-a: ${token.repeat(Math.min(count, 65_536 / token.length))}`),
  );

const inputs: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 30, arbitrary: wrapped(asText(validContext)) },
  { weight: 10, arbitrary: wrapped(asText(renewedContext)) },
  { weight: 50, arbitrary: wrapped(asText(anyContext)) },
  { weight: 30, arbitrary: asText(damaged(anyContext)) },
  { weight: 15, arbitrary: wrapped(asText(almostValid)) },
  { weight: 60, arbitrary: mutated(SMALL) },
  { weight: 40, arbitrary: wrapped(mutated(SMALL)) },
  { weight: 60, arbitrary: tokens },
  { weight: 20, arbitrary: wrapped(tokens) },
  { weight: 10, arbitrary: fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)) },
  { weight: 1, arbitrary: plenty },
);

const BATCH = 200;

/** The context: user-data of every dialect, sound and damaged, in any packing. The corpus comes first. */
export const contextFuzzer: InputFuzzer = {
  codes: Object.keys(PROBLEM_CODES),
  inputs: (seed, batch) =>
    batch === 0 ? CORPUS : fc.sample(inputs, { numRuns: BATCH, seed: seed + batch }),
  judge: judgeContext,
};

export const fuzzer = fuzzInputs(contextFuzzer);
