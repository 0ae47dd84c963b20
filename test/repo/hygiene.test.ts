import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../platform/errors.ts';
import {
  developerPaths,
  isWellNamed,
  linesOf,
  MAX_LINES,
  sharedVariables,
  shareOfSmall,
} from './hygiene.ts';
import {
  filesBelow,
  parseSource,
  REPOSITORY,
  readSources,
  readText,
  SOURCE_FOLDERS,
} from './sources.ts';

const sources = readSources(SOURCE_FOLDERS);
const code = [...SOURCE_FOLDERS, 'test']
  .flatMap(filesBelow)
  .filter(path => /\.m?[tj]s$/.test(path));

/** Those that are, or are about to be, part of the repository; all of them where it has no history. */
const ownFiles = (): string[] => {
  try {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const present = new Set(filesBelow('.'));
    return listed.split('\0').filter(path => present.has(path));
  } catch {
    return filesBelow('.');
  }
};

describe('the repository', () => {
  test('runs its tests on Node 24 or newer', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
  });

  test('names its files in kebab-case, after what they hold', () => {
    expect(code.filter(path => !isWellNamed(path))).toEqual([]);
  });

  test('has no long file, and mostly short ones', () => {
    expect(code.filter(path => linesOf(readText(path)) > MAX_LINES)).toEqual([]);
    expect(shareOfSmall(sources.map(({ text }) => text))).toBeGreaterThan(0.8);
  });

  test('shares no variable between the users of a module', () => {
    expect(sources.flatMap(sharedVariables)).toEqual([]);
  });

  test('raises every error code that it documents', () => {
    const texts = sources
      .filter(({ path }) => path !== 'platform/errors.ts')
      .map(({ text }) => text)
      .join('\n');
    const unused = Object.keys(ERROR_CODES).filter(name => !texts.includes(`'${name}'`));
    expect(unused).toEqual([]);
  });

  test('knows nothing of the machine on which it was written', () => {
    const texts = ownFiles().filter(path =>
      /\.(?:[mc]?[tj]s|json|ya?ml|md|sh|service)$/.test(path),
    );
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.flatMap(path => developerPaths(path, readText(path)))).toEqual([]);
  });
});

describe('the rule on names', () => {
  test.each(['folder-machine.ts', 'http.ts', 'imports.test.ts', 'undici-client.d.ts', 'sha256.ts'])(
    'lets %s',
    name => expect(isWellNamed(`agent/${name}`)).toBe(true),
  );
  test.each([
    'folderMachine.ts',
    'Http.ts',
    'folder_machine.ts',
    'utils.ts',
    'helpers.ts',
    'a-.ts',
  ])('refuses %s', name => expect(isWellNamed(`agent/${name}`)).toBe(false));
});

describe('the rule on shared variables', () => {
  test.each(['let count = 0;', 'export let count = 0;', 'var count = 0;'])('refuses %s', text => {
    expect(sharedVariables(parseSource('agent/a.ts', `\n${text}`))).toEqual([
      expect.stringContaining('agent/a.ts:2'),
    ]);
  });
  test.each(['const count = 0;', 'export const f = () => { let n = 0; n += 1; return n; };'])(
    'lets %s',
    text => expect(sharedVariables(parseSource('agent/a.ts', text))).toEqual([]),
  );
});

describe('the rule on sizes', () => {
  test('counts lines', () => expect(linesOf('a\nb\n')).toBe(2));
  test('counts small files', () => expect(shareOfSmall(['a\n', 'a\n'.repeat(200)])).toBe(0.5));
});

describe('the rule on paths', () => {
  const at = (...parts: string[]): string => `see ${['', ...parts].join('/')}`;
  test.each([
    at('work', 'main'),
    at('root', 'project'),
    at('home', 'jane', 'src'),
    at('Users', 'jane', 'src'),
  ])('refuses %s', text => {
    expect(developerPaths('a.md', `\n${text}`)).toEqual([expect.stringContaining('a.md:2')]);
  });
  test.each([
    at('home', 'pilot01', 'run'),
    at('root', '.ssh'),
    'http://example.org/work/list',
    at('var', 'lib', 'work', 'x'),
  ])('lets %s', text => expect(developerPaths('a.md', text)).toEqual([]));

  test('lets root have a home in a guest', () => {
    const text = at('root', 'state');
    expect(developerPaths('test/vm/a.ts', text)).toEqual([]);
    expect(developerPaths('agent/a.ts', text)).toHaveLength(1);
  });
});
