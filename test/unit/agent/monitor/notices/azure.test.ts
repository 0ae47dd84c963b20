import { describe, expect, test } from 'vitest';
import { parseAzureDocument } from '../../../../../agent/monitor/notices/azure-document.ts';
import { azureEvents } from '../../../../../agent/monitor/notices/azure-events.ts';
import { createAzureService } from '../../../../support/metadata/azure-metadata.ts';
import { httpDate, pollOf, vmOf } from './poll.ts';

const start = async () => {
  const service = createAzureService({ compute: { name: 'WN-7', vmId: 'v' } });
  let requests = 0;
  const { poller } = await pollOf(azureEvents, (request, response) => {
    requests += 1;
    service.listener(request, response);
  });
  return { events: service.events, poller, requests: () => requests };
};

test('a spot VM, which may have half a minute, is asked every second, others less often', () => {
  expect(azureEvents.everyMs(vmOf({ lifeCycle: 'spot' }))).toBe(1000);
  expect(azureEvents.everyMs(vmOf({ lifeCycle: 'normal' }))).toBe(5000);
  expect(azureEvents.isFor(vmOf({ cloud: 'azure' }))).toBe(true);
  expect(azureEvents.isFor(vmOf({ cloud: 'gce' }))).toBe(false);
});

describe("Azure's scheduled events", () => {
  test('none, and the name is asked for once', async () => {
    const { poller, requests } = await start();
    expect(await poller.poll()).toEqual([]);
    expect(await poller.poll()).toEqual([]);
    expect(requests()).toBe(3);
  });

  test.each([
    ['Preempt', 'take back'],
    ['Terminate', 'delete'],
    ['Reboot', 'reboot'],
    ['Redeploy', 'move, with the loss of its temporary disk,'],
  ] as const)('%s ends what runs here, from its time on', async (EventType, does) => {
    const { events, poller } = await start();
    const NotBefore = httpDate(30_000);
    events.plan({ EventId: 'e-1', EventType, NotBefore });
    const [announced] = await poller.poll();
    expect(announced).toMatchObject({
      id: 'e-1',
      kind: 'preempt',
      told: `Scheduled ${NotBefore}`,
      because: `Azure will ${does} this VM from ${NotBefore} on`,
    });
    expect(Math.abs((announced?.leftMs ?? 0) - 30_000)).toBeLessThanOrEqual(2000);
  });

  test('a freeze lasts seconds: an advice', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Freeze', NotBefore: httpDate(900_000) });
    const [announced] = await poller.poll();
    expect(announced).toMatchObject({ kind: 'advice' });
    expect(announced).not.toHaveProperty('leftMs');
  });

  test('what has started, or has no time, is due', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Reboot', EventStatus: 'Started' });
    events.plan({ EventId: 'e-2', EventType: 'Preempt' });
    expect(await poller.poll()).toMatchObject([{ leftMs: 0 }, { leftMs: 0 }]);
  });

  test('events of other VMs are not ours; names know no case', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Reboot', Resources: ['wn-8', 'wn-70'] });
    expect(await poller.poll()).toEqual([]);
    events.plan({ EventId: 'e-2', EventType: 'Reboot', Resources: ['wn-8', 'wn-7'] });
    expect(await poller.poll()).toMatchObject([{ id: 'e-2' }]);
  });

  test('what is cancelled is announced no longer', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Terminate', NotBefore: httpDate(300_000) });
    expect(await poller.poll()).toHaveLength(1);
    events.cancel('e-1');
    expect(await poller.poll()).toEqual([]);
  });

  test('once acknowledged it starts, and is acknowledged no second time', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Preempt', NotBefore: httpDate(30_000) });
    await poller.poll();
    await poller.acknowledge?.();
    await poller.acknowledge?.();
    expect(events.approved()).toEqual(['e-1']);
    expect(await poller.poll()).toMatchObject([{ id: 'e-1', told: 'Started ', leftMs: 0 }]);
    await poller.acknowledge?.();
    expect(events.approved()).toEqual(['e-1']);
  });

  test('what would start for other VMs too, or only pauses, is left to its time', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Redeploy', Resources: ['WN-7', 'WN-8'] });
    events.plan({ EventId: 'e-2', EventType: 'Freeze' });
    await poller.poll();
    await poller.acknowledge?.();
    expect(events.approved()).toEqual([]);
  });

  test('an acknowledgement that is refused may be tried again', async () => {
    const { events, poller } = await start();
    events.plan({ EventId: 'e-1', EventType: 'Preempt', NotBefore: httpDate(30_000) });
    await poller.poll();
    events.cancel('e-1');
    await expect(poller.acknowledge?.()).rejects.toMatchObject({ code: 'http-refused' });
  });

  test('the first answer may take minutes, later ones seconds', () => {
    expect(azureEvents.timeoutMs).toBeGreaterThan(120_000);
  });
});

describe('the document', () => {
  const event = {
    EventId: 'e-1',
    EventType: 'Reboot',
    ResourceType: 'VirtualMachine',
    Resources: ['vm'],
    EventStatus: 'Scheduled',
    NotBefore: 'Mon, 19 Sep 2026 18:29:47 GMT',
  };
  const parse = (document: unknown) => parseAzureDocument(JSON.stringify(document));

  test('with what newer versions add', () => {
    const more = { ...event, Description: 'd', EventSource: 'Platform', DurationInSeconds: 9 };
    expect(parse({ DocumentIncarnation: 2, Events: [more], More: 1 })).toEqual({
      DocumentIncarnation: 2,
      Events: [event],
    });
  });

  test.each<[string, object]>([
    ['a kind that nobody knows', { EventType: 'Explode' }],
    ['a status that nobody knows', { EventStatus: 'Cancelled' }],
    ['a time that is none', { NotBefore: 'soon' }],
    ['a time of another form', { NotBefore: '2026-09-19T18:29:47Z' }],
    ['a day that there is not', { NotBefore: 'Mon, 99 Sep 2026 18:29:47 GMT' }],
    ['an id that could break out of a log', { EventId: 'e\n1' }],
    ['no VMs', { Resources: 'vm' }],
  ])('with %s is no answer', (_what, broken) => {
    expect(parse({ DocumentIncarnation: 1, Events: [{ ...event, ...broken }] })).toBeUndefined();
  });

  test.each([
    '',
    '{}',
    '[]',
    '{"DocumentIncarnation":1}',
    '{"DocumentIncarnation":"1","Events":[]}',
    '{"DocumentIncarnation":-1,"Events":[]}',
  ])('%j is none', text => {
    expect(parseAzureDocument(text)).toBeUndefined();
  });
});
