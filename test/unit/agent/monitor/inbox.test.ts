import { describe, expect, test } from 'vitest';
import { createInbox, leaveRequest, toOrder } from '../../../../agent/monitor/inbox.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createLog } from '../../../../platform/log.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { at, T0 } from './worlds.ts';

const log = createLog('silent', () => undefined);

describe('the inbox', () => {
  test('holds orders of the machine and of the receiver until they are settled', async () => {
    const files = createMemoryFiles();
    const inbox = createInbox(files, log);
    const id = await leaveRequest(files, { kind: 'drain', reason: 'why not', deadlineMs: 5000 });
    inbox.put([{ id: 'd-1', kind: 'undrain', reason: '', expiresInMs: 1000 }], T0);
    const orders = await inbox.read(at(5));
    expect(orders).toMatchObject([
      { id: 'd-1', source: 'receiver', kind: 'undrain', expiresAt: at(1000) },
      { id, source: 'operator', kind: 'drain', deadlineMs: 5000, receivedAt: at(5) },
    ]);
    expect(await inbox.read(at(6))).toHaveLength(2);
    await inbox.settle(orders);
    expect(await inbox.read(at(7))).toEqual([]);
  });

  test('takes a directive that is repeated for one', async () => {
    const inbox = createInbox(createMemoryFiles(), log);
    const halt = { id: 'd-1', kind: 'halt', mode: 'now', reason: '', expiresInMs: 1000 } as const;
    inbox.put([halt], T0);
    inbox.put([halt], at(1));
    expect(await inbox.read(at(2))).toMatchObject([{ id: 'd-1', mode: 'now' }]);
  });

  test('drops what it cannot understand, and does not look at what is not for it', async () => {
    const files = createMemoryFiles();
    const inbox = createInbox(files, log);
    await files.makeDirectory(PATHS.requests, { mode: 0o700 });
    const damaged = `${PATHS.requests}/local-00000000-0000-0000-0000-000000000000.json`;
    for (const text of ['', '{', '{"schemaVersion":2}', '[]']) {
      await files.write(damaged, text, { mode: 0o600 });
      expect(await inbox.read(T0)).toEqual([]);
      expect(await files.facts(damaged)).toBeUndefined();
    }
    await files.write(`${PATHS.requests}/other`, '{}', { mode: 0o600 });
    expect(await inbox.read(T0)).toEqual([]);
    expect(await files.facts(`${PATHS.requests}/other`)).toBeDefined();
  });
});

test('a directive that is not understood in full becomes an order that is only reported', () => {
  expect(toOrder({ id: 'd', kind: 'dance', reason: '', expiresInMs: 1 }, T0)).toMatchObject({
    kind: 'unknown',
    source: 'receiver',
  });
});
