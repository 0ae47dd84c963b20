import { describe, expect, test } from 'vitest';
import { impuritiesOf, isPure, pureClosure } from './purity.ts';
import { parseSource, readSources, SOURCE_FOLDERS } from './sources.ts';

const sources = readSources(SOURCE_FOLDERS);
const impurities = (text: string) => impuritiesOf(parseSource('protocol/a.ts', text));

describe('the repository', () => {
  test('has pure files to look at', () => {
    expect(sources.filter(({ path }) => isPure(path)).length).toBeGreaterThan(8);
  });

  test('pure files, and all that they load, are pure', () => {
    expect(pureClosure(sources).flatMap(impuritiesOf)).toEqual([]);
  });
});

describe('the rule refuses', () => {
  test.each([
    "import { readFileSync } from 'node:fs';",
    "export { readFileSync } from 'node:fs';",
    'const wait = async () => 1;',
    'async function wait() { return 1; }',
    'const o = { async wait() { return 1; } };',
    'await x;',
    'const load = () => import("yaml");',
    'const now = Date.now();',
    'const now = new Date();',
    'const now = Date();',
    'const n = Math.random();',
    'const { env } = process;',
    'const env = process.env.HOME;',
    'const t = performance.now();',
    'const id = crypto.randomUUID();',
    'setTimeout(() => 1, 5);',
    'setInterval(() => 1, 5);',
    'fetch("http://example.org");',
  ])('%s', text => {
    expect(impurities(text)).toHaveLength(1);
  });
});

describe('the rule lets', () => {
  test.each([
    "import * as v from 'valibot';",
    "import type { Stats } from 'node:fs';",
    'const at = (ms: number) => new Date(ms).toISOString();',
    'const utc = Date.UTC(2026, 0, 1);',
    'const pids = (list: { pid: number }[]) => list.map(process => process.pid);',
    'const text = "process.env and Date.now()"; // Date.now()',
    'const o = { process: 1, setTimeout: 2 }; const p = o.process;',
  ])('%s', text => {
    expect(impurities(text)).toEqual([]);
  });

  test('pure files reach others, and those are looked at too', () => {
    const reached = pureClosure([
      parseSource('agent/monitor/decide.ts', "import { x } from './words.ts';"),
      parseSource('agent/monitor/words.ts', "import type { y } from './read.ts';"),
      parseSource('agent/monitor/read.ts', 'export const y = Date.now();'),
    ]);
    expect(reached.map(({ path }) => path)).toEqual([
      'agent/monitor/decide.ts',
      'agent/monitor/words.ts',
    ]);
  });
});
