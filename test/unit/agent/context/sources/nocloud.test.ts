import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DetectionFacts } from '../../../../../agent/context/sources/detection-facts.ts';
import { nocloud } from '../../../../../agent/context/sources/nocloud.ts';
import { parseNoCloudSerial } from '../../../../../agent/context/sources/nocloud-serial.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const SEED = '/var/lib/cloud/seed/nocloud';
const META = 'instance-id: iid-local01\nlocal-hostname: worker\n';
const prepare = async (
  known: Partial<DetectionFacts>,
  folder: string,
  contents: Record<string, string>,
) => {
  const ports = createSourcePorts();
  await ports.files.makeDirectory(folder, { mode: 0o755 });
  for (const [name, content] of Object.entries(contents))
    await ports.files.write(`${folder}/${name}`, content, { mode: 0o600 });
  ports.known = { ...ports.known, ...known };
  return nocloud.fetch(ports, AbortSignal.timeout(9000));
};
const FOUND = { facts: { instanceId: 'iid-local01' }, userData: Buffer.from('version: 1\n') };
const FILES = { 'meta-data': META, 'user-data': 'version: 1\n' };

describe('nocloud', () => {
  test('reads the seed folder', async () => {
    expect(await prepare({ cloudInit: [SEED] }, SEED, FILES)).toEqual(FOUND);
  });

  test.each(['cidata', 'CIDATA'])('reads the disk %s', async label => {
    const found = await prepare({ labels: [label] }, `/dev/disk/by-label/${label}`, FILES);
    expect(found).toEqual(FOUND);
  });

  test.each(['file:///srv/seed', '/srv/seed'])('reads the folder %s of the serial', async from => {
    const dmi = { product_serial: `ds=nocloud;s=${from};i=iid-other` };
    expect(await prepare({ dmi }, '/srv/seed', FILES)).toEqual({
      ...FOUND,
      facts: { instanceId: 'iid-other' },
    });
  });

  test('asks the address of the serial', async () => {
    const { origin } = await startLoopbackServer((request, response) => {
      const body = { '/a/meta-data': META, '/a/user-data': 'version: 1\n' }[request.url ?? ''];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    const dmi = { product_serial: `ds=nocloud-net;s=${origin}/a` };
    expect(await prepare({ dmi }, '/srv', {})).toEqual(FOUND);
  });

  test('takes a serial without a place for what it is', async () => {
    expect(await prepare({ dmi: { product_serial: 'ds=nocloud' } }, '/srv', {})).toEqual({
      facts: {},
    });
  });

  test('empty or missing user-data is none', async () => {
    for (const contents of [{ 'user-data': '', 'meta-data': '' }, { 'meta-data': '{}' }, {}])
      expect(await prepare({ cloudInit: [SEED] }, SEED, contents)).toEqual({ facts: {} });
  });

  test.each<[string, Partial<DetectionFacts>, Record<string, string>, string]>([
    ['YAML that is none', { cloudInit: [SEED] }, { 'meta-data': 'a: [' }, 'not YAML'],
    ['a list', { cloudInit: [SEED] }, { 'meta-data': '- a' }, 'no keys and values'],
    [
      'a bomb of aliases',
      { cloudInit: [SEED] },
      {
        'meta-data': ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh']
          .map((line, n, all) =>
            n === 0 ? line : `${line}: &${line} [${`*${all[n - 1]?.[0]},`.repeat(9)}]`,
          )
          .join('\n'),
      },
      'not YAML',
    ],
    [
      'a serial that leads nowhere',
      { dmi: { product_serial: 'ds=nocloud;s=gopher://x/' } },
      {},
      'gopher://x/',
    ],
  ])('refuses %s', async (_what, known, contents, said) => {
    await expect(prepare(known, SEED, contents)).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining(said),
    });
  });
});

describe('the serial', () => {
  test('whatever it holds, ends in a place or in none', () => {
    const part = fc.constantFrom('s=', 'seedfrom=', 'i=', ';', 'http://', 'h', '/', 'file://', ':');
    fc.assert(
      fc.property(fc.array(part), fc.string(), (parts, rest) => {
        const { seed } = parseNoCloudSerial(`ds=nocloud;${parts.join('')}${rest}`);
        if (seed.kind === 'url') expect(seed.origin).toMatch(/^https?:\/\//);
        if (seed.kind === 'folder' || seed.kind === 'url') expect(seed.path).toMatch(/^\//);
      }),
    );
  });
});
