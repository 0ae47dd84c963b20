import { expect, test } from 'vitest';
import { importsOf } from './imports.ts';
import { readSources, type Source } from './sources.ts';

const sources = new Map(readSources(['agent', 'platform', 'protocol']).map(at => [at.path, at]));

/** Files that are loaded with a file, and not first when they are needed. */
const loadedBy = (source: Source): string[] => {
  const lines = source.text.split('\n');
  return importsOf(source)
    .filter(
      ({ ours, typeOnly, line }) => ours && !typeOnly && !/import\(/.test(lines[line - 1] ?? ''),
    )
    .map(({ to }) => to);
};

const closureOf = (path: string): Set<string> => {
  const reached = new Set([path]);
  for (const at of reached) {
    const source = sources.get(at);
    if (source !== undefined) for (const to of loadedBy(source)) reached.add(to);
  }
  return reached;
};

const HEAVY = /^agent\/context\/(?:sources|formats|steps)\/|\/undici-http\.ts$/;

test('the agent that lives for days loads nothing that its children are for', () => {
  const reached = closureOf('agent/cli/run.ts');
  expect(reached.size).toBeGreaterThan(30);
  expect([...reached].filter(path => HEAVY.test(path))).toEqual([]);
});

test('its child does, so the walk sees them', () => {
  const reached = closureOf('agent/cli/contextualize.ts');
  expect([...reached].filter(path => HEAVY.test(path)).length).toBeGreaterThan(20);
});
