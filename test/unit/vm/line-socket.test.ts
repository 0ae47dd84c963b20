import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectLines } from '../../vm/line-socket.ts';

const createPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-lines-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'socket');
};

test('a socket that comes up late is waited for, and its lines come one by one', async () => {
  const path = createPath();
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const lines: string[] = [];
  const connecting = connectLines(path, line => {
    lines.push(line);
    if (lines.length === 2) resolve(lines);
  });
  const server = createServer(peer => peer.end('one\r\ntwo\nrest'));
  onTestFinished(() => {
    server.close();
  });
  server.listen(path);
  (await connecting).resume();
  expect(await promise).toEqual(['one', 'two']);
});

test('one that nobody opens is told', async () => {
  await expect(connectLines(createPath(), () => undefined, 0)).rejects.toThrow('nothing listens');
});

test('a file that is no socket is told in the same way', async () => {
  const path = createPath();
  writeFileSync(path, '');
  await expect(connectLines(path, () => undefined, 0)).rejects.toThrow('nothing listens');
});
