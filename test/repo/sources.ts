import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Program, parseSync } from 'oxc-parser';

/** Absolute path of the repository. */
export const REPOSITORY = join(import.meta.dirname, '../..');

/** The folders whose code ships or builds what ships. */
export const SOURCE_FOLDERS = [
  'protocol',
  'platform',
  'agent',
  'receiver',
  'shoal-client',
  'image-builder',
  'bootstrap',
  'cloud-init',
] as const;

export interface Source {
  /** From the repository's root, with `/`. */
  path: string;
  text: string;
  program: Program;
}

const SKIPPED = new Set(['node_modules', 'dist', '.git']);

/** Every file below a folder of the repository, sorted; none if there is no such folder. */
export const filesBelow = (folder: string): string[] => {
  const base = join(REPOSITORY, folder);
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
      return entry.isFile() ? [relative(REPOSITORY, path)] : [];
    });
  const exists = readdirSync(REPOSITORY).includes(folder) || folder === '.';
  return exists ? walk(base).sort() : [];
};

export const readText = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** Parses TypeScript; a file that does not parse is an error, not an empty program. */
export const parseSource = (path: string, text: string): Source => {
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  return { path, text, program };
};

export const readSources = (folders: readonly string[]): Source[] =>
  folders
    .flatMap(filesBelow)
    .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map(path => parseSource(path, readText(path)));

/** 1-based line of an offset. */
export const lineOf = (source: Source, offset: number): number =>
  source.text.slice(0, offset).split('\n').length;
