import { expect, it } from 'vitest';
import { startReceiver } from '../../support/receiver-under-test.ts';

it('keeps the logs of a VM, by source and byte', async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  const logs = (query = '') => receiver.operator('GET', `/v1/vms/wn1/logs${query}`);
  expect((await logs()).body).toEqual({ vmId: vm.vmId, sources: [] });
  await vm.beat({
    logs: [
      { source: 'agent', fromByte: 0, text: 'grüße\n' },
      { source: 's1.1.err', fromByte: 40, text: 'boom' },
    ],
  });
  await vm.beat({ logs: [{ source: 'agent', fromByte: 2, text: 'üße\nmore\n' }] });
  expect((await logs()).body.sources).toEqual([
    { source: 'agent', fromByte: 0, toByte: 13, updatedAt: '2026-01-01T00:00:00.000Z' },
    { source: 's1.1.err', fromByte: 40, toByte: 44, updatedAt: '2026-01-01T00:00:00.000Z' },
  ]);
  const agent = { vmId: vm.vmId, source: 'agent' };
  expect((await logs('?source=agent')).body).toEqual({
    ...agent,
    ...{ fromByte: 0, nextByte: 13, text: 'grüße\nmore\n' },
  });
});
