import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

const sources = new Map(readSources(['agent', 'platform', 'protocol']).map(one => [one.path, one]));

/** What a file loads at once; what it loads when it is needed is not among it. */
const importsAtOnce = (path: string): string[] =>
  (sources.get(path)?.program.body ?? []).flatMap(node => {
    if (node.type === 'ImportDeclaration' && node.importKind !== 'type') return node.source.value;
    if (node.type === 'ExportAllDeclaration' && node.exportKind !== 'type')
      return node.source.value;
    if (node.type === 'ExportNamedDeclaration' && node.exportKind !== 'type')
      return node.source?.value ?? [];
    return [];
  });

/** Files of ours and packages that are in memory once a file runs. */
const loadedWith = (entry: string): string[] => {
  const loaded = new Set([entry]);
  for (const path of loaded)
    for (const to of importsAtOnce(path))
      loaded.add(to.startsWith('.') ? posix.join(posix.dirname(path), to) : to);
  return [...loaded];
};

test('the agent that keeps running loads none of what reads user-data', () => {
  const loaded = loadedWith('agent/cli/run.ts');
  expect(loaded).toContain('agent/monitor/decide.ts');
  expect(loaded.filter(path => /^agent\/context\/(?:formats|steps)\//.test(path))).toEqual([]);
  expect(loaded).not.toContain('agent/checks/squid.ts');
  expect(loaded).not.toContain('yaml');
  expect(loaded).not.toContain('systeminformation');
});

test('the walk finds what it looks for', () => {
  const loaded = loadedWith('agent/cli/context.ts');
  expect(loaded).toContain('agent/context/formats/read-user-data.ts');
  expect(loaded).toContain('yaml');
});
