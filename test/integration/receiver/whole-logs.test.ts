import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSqliteStorage } from '../../../receiver/storage/sqlite-storage.ts';
import { createTestFolder, startReceiver } from '../../support/receiver-under-test.ts';

const KIB = 1024;
const SOURCE = '00-1.out';
const base = { protocol: 1, bootId: 'boot-1', source: SOURCE };
const step = (fromByte: number, bytes: Buffer, size: number) => ({
  ...base,
  ...{ size, fromByte, length: bytes.length, gzip: gzipSync(bytes).toString('base64') },
});

const setUp = async (folder = createTestFolder()) => {
  const receiver = await startReceiver({ folder });
  const vm = await receiver.enrol('wn1');
  const post = async (body: object) =>
    receiver.ask('POST', '/v1/logs/whole', { token: vm.token, body });
  const read = async (fromByte = 0) =>
    (await receiver.operator('GET', `/v1/vms/wn1/logs?source=${SOURCE}&fromByte=${fromByte}`)).body;
  return { receiver, vm, post, read };
};

describe('a whole log', () => {
  it('is taken in steps, each byte once, and read before the tail of it', async () => {
    const { vm, post, read, receiver } = await setUp();
    await vm.beat({ logs: [{ source: SOURCE, fromByte: 10, text: 'tail??' }] });
    expect((await post({ ...base, size: 20 })).body).toEqual({ nextByte: 0, pauseMs: 100 });
    const first = step(0, Buffer.from('0123456789'), 20);
    expect((await post(first)).body.nextByte).toBe(10);
    // A repeat, and one that overlaps, change nothing.
    expect((await post(first)).body.nextByte).toBe(10);
    expect((await post(step(5, Buffer.from('xxxxxxxx'), 20))).body.nextByte).toBe(10);
    expect((await post(step(10, Buffer.from('tail\u00e9'), 20))).body.nextByte).toBe(16);
    expect(await read()).toMatchObject({ fromByte: 0, nextByte: 10, text: '0123456789' });
    expect(await read(10)).toMatchObject({ nextByte: 16, text: 'tail\u00e9' });
    const { body } = await receiver.operator('GET', '/v1/vms/wn1/logs');
    expect(body.sources).toMatchObject([{ source: SOURCE, fromByte: 0, toByte: 16 }]);
  });

  it('goes on where it was after the receiver was restarted', async () => {
    const folder = createTestFolder();
    const { receiver, post } = await setUp(folder);
    await post(step(0, Buffer.from('0123456789'), 20));
    await receiver.stop();
    const again = await startReceiver({ folder });
    const found = await again.operator('GET', `/v1/vms/wn1/logs?source=${SOURCE}`);
    expect(found.body.text).toBe('0123456789');
  });

  it('may have a gap where the VM kept no more, and begins anew where it is another log', async () => {
    const { post, read } = await setUp();
    await post(step(0, Buffer.from('first'), 100));
    expect((await post(step(50, Buffer.from('later'), 100))).body.nextByte).toBe(55);
    expect(await read(5)).toMatchObject({ fromByte: 50, text: 'later' });
    expect((await post({ ...base, size: 10 })).body.nextByte).toBe(0);
    await post(step(0, Buffer.from('new'), 10));
    expect(await read()).toMatchObject({ nextByte: 3, text: 'new' });
  });

  it('of gigabytes is wanted from near its end only', async () => {
    const { post } = await setUp();
    const size = 10 * 1024 ** 3;
    expect((await post({ ...base, size })).body.nextByte).toBe(size - 64 * 1024 * KIB);
  });

  it.each([
    ['no gzip', { ...step(0, Buffer.from('a'), 1), gzip: 'AAAA' }],
    ['another length than it says', { ...step(0, Buffer.from('abc'), 3), length: 2 }],
    ['a bomb', step(0, Buffer.alloc(129 * KIB), 1e6)],
    ['a bomb that says it is none', { ...step(0, Buffer.alloc(129 * KIB), 1e6), length: 100 }],
    ['bytes without their place', { ...base, size: 3, gzip: 'AAAA' }],
    ['a place that no log reaches', step(Number.MAX_SAFE_INTEGER, Buffer.from('abc'), 3)],
  ])('is refused for %s', async (_what, body) => {
    const { post } = await setUp();
    expect((await post(body)).status).toBe(400);
  });
});

describe('the quota of logs', () => {
  const chunk = (fromByte: number, bytes: number) => ({
    ...{ fromByte, toByte: fromByte + bytes, packed: new Uint8Array(bytes) },
  });
  const open = async (quota: { wholePerVm: number; total: number }) => {
    const storage = createSqliteStorage(`${createTestFolder()}/fleet.db`, quota);
    for (const vmId of ['a', 'b'])
      await storage.enrol({
        ...{ vmId, nonce: vmId, tokenHash: Buffer.from(vmId), agentVersion: '1', enrolledMs: 0 },
        identity: { instanceId: vmId, hostname: vmId },
      });
    const put = (vmId: string, source: string, fromByte: number, receivedMs: number) =>
      storage.recordWholeLog({
        ...{ vmId, source, bootId: 'b', size: 1000, receivedMs },
        chunk: chunk(fromByte, 100),
      });
    const spans = async (vmId: string) =>
      (await storage.logSources(vmId)).map(({ source, fromByte, toByte }) => [
        source,
        fromByte,
        toByte,
      ]);
    return { storage, put, spans };
  };

  it('of a VM takes its oldest whole log first, then the beginning of the one that is coming', async () => {
    const { storage, put, spans } = await open({ wholePerVm: 300, total: 1e9 });
    await put('a', 'one', 0, 1);
    await put('a', 'two', 0, 2);
    await put('b', 'other', 0, 2);
    for (const [at, ms] of [
      [100, 3],
      [200, 4],
    ] as const)
      await put('a', 'two', at, ms);
    expect(await spans('a')).toEqual([['two', 0, 300]]);
    expect(await put('a', 'two', 300, 5)).toBe(400);
    expect(await spans('a')).toEqual([['two', 100, 400]]);
    expect(await spans('b')).toEqual([['other', 0, 100]]);
    await storage.close();
  });

  it('of all VMs takes what was heard longest ago, tails as well', async () => {
    const { storage, put, spans } = await open({ wholePerVm: 1e9, total: 350 });
    const tail = [{ source: 'tail', fromByte: 0, text: 'x'.repeat(100) }];
    await storage.recordLogs({ vmId: 'a', bootId: 'b', pieces: tail, receivedMs: 1 });
    await put('b', 'other', 0, 2);
    await put('a', 'one', 0, 3);
    expect(await spans('a')).toHaveLength(2);
    await put('a', 'one', 100, 4);
    expect(await spans('a')).toEqual([['one', 0, 200]]);
    await storage.recordLogs({ vmId: 'b', bootId: 'b', pieces: tail, receivedMs: 5 });
    expect(await spans('b')).toEqual([['tail', 0, 100]]);
    await storage.close();
  });
});
