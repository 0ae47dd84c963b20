import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, readText } from './sources.ts';

const packages = JSON.parse(readText('package.json')) as Record<string, Record<string, string>>;
const dependencies = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap(kind =>
  Object.keys(packages[kind] ?? {}),
);

describe('ARCHITECTURE.md', () => {
  test('says why each dependency is there', () => {
    const text = readText('ARCHITECTURE.md');
    expect(dependencies.filter(name => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test('draws a picture', () => {
    expect(readText('ARCHITECTURE.md')).toContain('```mermaid');
  });

  test('links to files that exist', () => {
    const links = [...readText('ARCHITECTURE.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
    const missing = links.map(([, to]) => to ?? '').filter(to => !existsSync(join(REPOSITORY, to)));
    expect(missing).toEqual([]);
  });
});

test('every dependency is named by its exact version', () => {
  const versions = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap(kind =>
    Object.entries(packages[kind] ?? {}),
  );
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
