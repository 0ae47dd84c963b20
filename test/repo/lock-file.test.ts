import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Entry {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const LOCK = join(import.meta.dirname, '../../package-lock.json');

/**
 * `npm ci` refuses a lock file that lacks one, and `npm install` leaves those out that its registry
 * does not carry: packages for other systems, mostly.
 */
it('names every optional package, for each processor and system', () => {
  const { packages } = JSON.parse(readFileSync(LOCK, 'utf8')) as {
    packages: Record<string, Entry>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name =>
        packages[`node_modules/${name}`] === undefined &&
        packages[`${path}/node_modules/${name}`] === undefined,
    ),
  );
  expect(missing).toEqual([]);
  const versionless = Object.entries(packages).filter(([, { version }]) => version === undefined);
  expect(versionless).toEqual([]);
});
