import { describe, expect, test } from 'vitest';
import { CLOUDS } from '../../../../../agent/context/user-data/clouds.ts';
import { packUserData } from '../../../../../agent/context/user-data/pack.ts';
import { CLOUD_NAMES } from '../../../../../agent/context/user-data/words.ts';

/** Text that gzip makes hardly smaller, always the same. */
const noise = (length: number): string => {
  let text = '';
  for (let seed = 1; text.length < length; seed = (seed * 48_271) % 2_147_483_647)
    text += seed.toString(36);
  return text.slice(0, length);
};

describe('limits', () => {
  test.each([
    ['ec2', 'cloud-config', 16_384, 'gzip'],
    ['openstack', 'cloud-config', 49_149, 'gzip'],
    ['gce', 'cloud-config', 262_144, 'gzip+base64'],
    ['azure', 'mime', 65_535, 'gzip+base64'],
    ['azure', 'plain', 49_152, 'gzip+base64'],
    ['opennebula', 'cloud-config', 98_295, 'gzip+base64'],
  ] as const)('%s takes %s of %i bytes, and more as %s', (cloud, form, most, then) => {
    const first = packUserData('a'.repeat(most), cloud, form);
    expect(first.encoding).toBe(CLOUDS[cloud].preferred[0]);
    expect(first.counted).toBeLessThanOrEqual(first.limit.bytes);
    expect(packUserData('a'.repeat(most + 1), cloud, form).encoding).toBe(then);
  });

  test('what does not fit is refused with how much it is over, and a remedy', () => {
    expect(() => packUserData('a'.repeat(16_385), 'ec2', 'mime', 'none')).toThrow(
      'user-data for Amazon EC2: 16385 bytes are 1 over the limit of EC2, before base64: 16384; remedy: put what all VMs share into the image',
    );
    expect(() => packUserData(noise(60_000), 'ec2', 'mime')).toThrow(
      /\d+ bytes, compressed, are \d+ over the limit/,
    );
    expect(() => packUserData('a'.repeat(1_048_577), 'nocloud', 'mime')).toThrow(/are 1 over/);
  });

  test('base64 that the API undoes does not count for EC2, and does for a metadata value', () => {
    expect(packUserData('a'.repeat(16_384), 'ec2', 'mime', 'base64').counted).toBe(16_384);
    expect(packUserData('a'.repeat(3000), 'gce', 'mime', 'base64').counted).toBe(4000);
  });
});

test.each(CLOUD_NAMES)('the same input gives the same bytes for %s', cloud => {
  for (const encoding of CLOUDS[cloud].encodings)
    expect(packUserData('text', cloud, 'mime', encoding).bytes).toEqual(
      packUserData('text', cloud, 'mime', encoding).bytes,
    );
});
