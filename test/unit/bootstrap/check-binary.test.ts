import { expect, it } from 'vitest';
import { checkBinary, versionLineOf } from '../../../bootstrap/check-binary.ts';

it('refuses a bare Node, which is what a failed injection leaves', async () => {
  await expect(checkBinary(process.execPath, '1.2.3')).rejects.toThrow(
    /should print "pilotage-agent 1\.2\.3 \(protocol 1\)".*a bare Node/,
  );
});

it('refuses a program that says something else', async () => {
  await expect(checkBinary('/bin/true', '1.2.3')).rejects.toThrow(/printed "true/);
});

it('knows both names of the binary', () => {
  expect(versionLineOf('pilotage-agent', '1.2.3')).toBe('pilotage-agent 1.2.3 (protocol 1)');
  expect(versionLineOf('shoal-client', '1.2.3')).toBe('shoal-client 1.2.3');
});
