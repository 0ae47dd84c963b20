import { describe, expect, test } from 'vitest';
import { gceMaintenance } from '../../../../../agent/monitor/notices/gce-maintenance.ts';
import { gcePreempted } from '../../../../../agent/monitor/notices/gce-preempted.ts';
import { createGceService } from '../../../../support/metadata/gce-metadata.ts';
import { pollUntil } from '../../../../support/poll-until.ts';
import { pollOf, vmOf } from './poll.ts';

const start = async (source = gcePreempted, key = 'preempted', value = 'FALSE') => {
  const service = createGceService({ [key]: value });
  const { poller } = await pollOf(source, service.listener);
  return { poller, say: (next: string | undefined) => service.put(key, next), service };
};

test('all VMs of GCE are asked for maintenance, spot VMs for preemption too', () => {
  const asked = (lifeCycle: 'spot' | 'normal') =>
    [gcePreempted, gceMaintenance].map(source => source.isFor(vmOf({ cloud: 'gce', lifeCycle })));
  expect(asked('spot')).toEqual([true, true]);
  expect(asked('normal')).toEqual([false, true]);
  expect(gceMaintenance.isFor(vmOf({ cloud: 'ec2' }))).toBe(false);
});

describe("GCE's preemption", () => {
  test('is announced as soon as the key changes, with 30 s', async () => {
    const { poller, say, service } = await start();
    expect(await poller.poll()).toEqual([]);
    const look = poller.poll();
    await pollUntil(
      'the look waits',
      { timeoutMs: 5000 },
      () => service.waiting() > 0 || undefined,
    );
    say('TRUE');
    expect(await look).toMatchObject([
      { id: 'preempted', kind: 'preempt', leftMs: 30_000, told: 'TRUE' },
    ]);
  });

  test('a value that was there before the first look is told at once', async () => {
    const { poller } = await start(gcePreempted, 'preempted', 'TRUE\n');
    expect(await poller.poll()).toHaveLength(1);
  });

  test('404 is no notice', async () => {
    const { poller, say } = await start();
    say(undefined);
    expect(await poller.poll()).toEqual([]);
  });

  test.each(['', 'true', 'YES', '<html>'])('%j is no answer', async value => {
    const { poller } = await start(gcePreempted, 'preempted', value);
    await expect(poller.poll()).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test('what does not say that it is GCE is not believed', async () => {
    const { poller } = await pollOf(gcePreempted, (_, response) => response.end('TRUE'));
    await expect(poller.poll()).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test('a tag that is none is never sent back', async () => {
    const asked: string[] = [];
    const { poller } = await pollOf(gcePreempted, ({ url = '' }, response) => {
      asked.push(url);
      response.writeHead(200, { 'metadata-flavor': 'Google', etag: 'a&alt=json' }).end('FALSE');
    });
    await poller.poll();
    await poller.poll();
    expect(new Set(asked)).toEqual(new Set(['/computeMetadata/v1/instance/preempted']));
  });
});

describe("GCE's maintenance", () => {
  test.each([
    ['NONE', []],
    ['MIGRATE_ON_HOST_MAINTENANCE', []],
    ['TERMINATE_ON_HOST_MAINTENANCE', [{ id: 'maintenance', kind: 'preempt', leftMs: 60_000 }]],
  ])('%s announces %j', async (value, announced) => {
    const { poller } = await start(gceMaintenance, 'maintenance-event', value);
    expect(await poller.poll()).toMatchObject(announced);
  });

  test('that is over is announced no longer', async () => {
    const { poller, say } = await start(
      gceMaintenance,
      'maintenance-event',
      'TERMINATE_ON_HOST_MAINTENANCE',
    );
    expect(await poller.poll()).toHaveLength(1);
    say('NONE');
    expect(await poller.poll()).toEqual([]);
  });
});
