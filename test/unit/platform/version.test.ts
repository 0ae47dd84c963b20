import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { VERSION } from '../../../platform/version.ts';

test('from source, the version is the one of package.json', () => {
  expect(VERSION).toBe(packageJson.version);
});
