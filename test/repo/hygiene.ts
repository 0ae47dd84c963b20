import { basename } from 'node:path';
import { lineOf, type Source } from './sources.ts';

export const MAX_LINES = 300;
const SMALL_LINES = 150;

export const isWellNamed = (path: string): boolean =>
  /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config|d))?\.(?:ts|mjs|js)$/.test(basename(path)) &&
  !/^(?:utils?|helpers?|misc|common)\./.test(basename(path));

export const linesOf = (text: string): number => text.split('\n').length - 1;

/** The share of files that are as small as most should be. */
export const shareOfSmall = (texts: readonly string[]): number =>
  texts.filter(text => linesOf(text) <= SMALL_LINES).length / Math.max(1, texts.length);

/** State that every user of a module would share without knowing it. */
export const sharedVariables = (source: Source): string[] =>
  source.program.body
    .map(node => (node.type === 'ExportNamedDeclaration' ? node.declaration : node))
    .filter(node => node?.type === 'VariableDeclaration')
    .filter(({ kind }) => kind === 'let' || kind === 'var')
    .map(node => `${source.path}:${lineOf(source, node.start)} ${node.kind} at module level`);

/** Homes of accounts that the programs or the images make are no developer's. */
const OF_THE_MACHINE = /\/home\/(?:pilot|payload|condor|dirac|nobody|user|example|debian|admin)/;

/** Root's home in a guest that a test boots. */
const isOfAGuest = (path: string, found: string): boolean =>
  path.startsWith('test/vm/') && found.startsWith('/root/');

/** Folders of the machine that a file was written on. The pattern must not find itself. */
const OF_A_DEVELOPER = /(?<![\w./-])\/(?:work|root|home\/[a-z][\w.-]*|Users\/\w+)\/[\w.-]/g;

/** Paths that exist for one developer alone, with their lines. */
export const developerPaths = (path: string, text: string): string[] =>
  text.split('\n').flatMap((line, index) =>
    [...line.matchAll(OF_A_DEVELOPER)]
      .map(match => line.slice(match.index, match.index + 60))
      .filter(found => !OF_THE_MACHINE.test(found) && !/^\/root\/\.\w/.test(found))
      .filter(found => !isOfAGuest(path, found))
      .map(found => `${path}:${index + 1} ${found}`),
  );
