import { describe, expect, test } from 'vitest';
import { FOR_FACTS, gather } from '../../../../../agent/context/sources/gather.ts';
import type { Source } from '../../../../../agent/context/sources/source.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const NEEDED = { requestMs: 1, totalMs: 2 };
/** A source of a test, and with how much patience it was asked. */
const stand = (name: Source['name'], source: Partial<Source>) => {
  const asked: number[] = [];
  const made: Source = {
    name,
    tells: ['instanceId'],
    detect: () => ({ because: `it is ${name}` }),
    ...source,
    fetch: async (ports, signal) => {
      asked.push(ports.patience.totalMs);
      return source.fetch?.(ports, signal) ?? { facts: {} };
    },
  };
  return { made, asked };
};
const broken = async (): Promise<never> => {
  throw new PilotageError('http-timeout', 'no answer');
};
const run = (sources: readonly { made: Source }[], signal = AbortSignal.timeout(9000)) =>
  gather(
    createSourcePorts(),
    NEEDED,
    signal,
    sources.map(({ made }) => made),
  );

describe('gathering', () => {
  test('takes each fact, and user-data, from the first that tells it', async () => {
    const sources = [
      stand('cloud-init', { fetch: async () => ({ facts: { instanceId: 'a' } }) }),
      stand('ec2', {
        tells: ['instanceId', 'zone'],
        fetch: async () => ({ facts: { instanceId: 'b', zone: 'z' }, userData: Buffer.from('1') }),
      }),
      stand('gce', {
        tells: ['localIp'],
        fetch: async () => ({ facts: { localIp: '10.0.0.1' }, userData: Buffer.from('2') }),
      }),
    ];
    expect(await run(sources)).toEqual({
      detected: [
        { name: 'cloud-init', because: 'it is cloud-init' },
        { name: 'ec2', because: 'it is ec2' },
        { name: 'gce', because: 'it is gce' },
      ],
      facts: { instanceId: 'a', zone: 'z', localIp: '10.0.0.1' },
      userData: { from: 'ec2', bytes: Buffer.from('1') },
      failures: [],
    });
    expect(sources.map(({ asked }) => asked)).toEqual([[2], [2], [FOR_FACTS.totalMs]]);
  });

  test('asks nobody that has nothing new to tell', async () => {
    const known = { facts: { instanceId: 'a' }, userData: Buffer.from('1') };
    const sources = [stand('nocloud', { fetch: async () => known }), stand('ec2', {})];
    await run(sources);
    expect(sources[1]?.asked).toEqual([]);
  });

  test('asks nobody that was not detected', async () => {
    const silent = stand('ec2', { detect: () => undefined });
    expect(await run([silent])).toEqual({ detected: [], facts: {}, failures: [] });
    expect(silent.asked).toEqual([]);
  });

  test('goes on after a failure and tells it', async () => {
    const found = await run([
      stand('ec2', { fetch: broken }),
      stand('nocloud', { fetch: async () => ({ facts: {}, userData: Buffer.from('1') }) }),
    ]);
    expect(found.userData?.from).toBe('nocloud');
    expect(found.failures).toMatchObject([{ name: 'ec2', error: { code: 'http-timeout' } }]);
  });

  test('ends with the signal, and with a mistake of ours', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(run([stand('ec2', { fetch: broken })], controller.signal)).rejects.toThrow(
      'no answer',
    );
    const mistake = async (): Promise<never> => {
      throw new TypeError('a mistake');
    };
    await expect(run([stand('ec2', { fetch: mistake })])).rejects.toThrow('a mistake');
  });
});
