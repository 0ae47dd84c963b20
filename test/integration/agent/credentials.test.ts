import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type BedVm, createBed, NOTING_PILOT } from './agent-bed.ts';

const TOKEN = '/run/pilotage/credentials/plt00/pilot-token';

const handedOut = async (vm: BedVm, content: string): Promise<void> => {
  await vm.until(`the token ${content}`, async () =>
    (await vm.files.read(TOKEN, 1000))?.trim() === content ? true : undefined,
  );
  expect(await vm.files.facts(TOKEN)).toMatchObject({ mode: 0o600 });
};

test('what an operator puts at the receiver reaches the pilots, and so does the next one', async () => {
  const { receiver, start } = await createBed();
  await receiver.putCredential('pilot-token', 'the-first');
  const vm = await start({
    pilots: NOTING_PILOT,
    credentials: [{ name: 'pilot-token', from: { receiver: true } }],
  });
  await vm.untilRunning(1);
  await handedOut(vm, 'the-first');
  await receiver.putCredential('pilot-token', 'the-second');
  await handedOut(vm, 'the-second');
  expect(await vm.pilotOutput()).toBe('start 1\n');
  expect(vm.log()).not.toMatch(/the-first|the-second/);
});

test('a short token of an endpoint is renewed before it ends, by OAuth 2.0 client credentials', async () => {
  let given = 0;
  const server = createServer((_, response) => {
    given += 1;
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: `token-${given}`, token_type: 'Bearer', expires_in: 4 }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { start } = await createBed();
  const vm = await start({
    pilots: NOTING_PILOT,
    checks: { credentialLife: '1s' },
    credentials: [
      {
        name: 'pilot-token',
        renewBefore: '1s',
        from: {
          endpoint: {
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
            ...{ grant: 'client_credentials', clientId: 'vm', clientSecret: 'hush-hush' },
          },
        },
      },
    ],
  });
  await vm.untilRunning(1);
  const later = await vm.until('a renewed token', async () => {
    const token = (await vm.files.read(TOKEN, 1000))?.trim();
    return token !== undefined && token !== 'token-1' ? token : undefined;
  });
  expect(later).toMatch(/^token-\d+$/);
  expect(vm.log()).not.toContain('hush-hush');
});
