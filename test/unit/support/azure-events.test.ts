import { describe, expect, test } from 'vitest';
import { createAzureService } from '../../support/metadata/azure-metadata.ts';
import { ask } from './ask.ts';

describe("the scheduled events of Azure's mock", () => {
  const PATH = '/metadata/scheduledevents?api-version=2020-07-01';
  const HEADERS = { metadata: 'true' };
  const start = () => {
    const { listener, events } = createAzureService({ compute: { name: 'wn-1' } });
    const look = async () => JSON.parse((await ask(listener, PATH, HEADERS)).body);
    const post = async (body: string) => (await ask(listener, PATH, HEADERS, 'POST', body)).status;
    return { listener, events, look, post };
  };
  const approval = (...ids: string[]): string =>
    JSON.stringify({ StartRequests: ids.map(EventId => ({ EventId })) });

  test('are another document with each change, and the same without', async () => {
    const { events, look } = start();
    const first = await look();
    expect(first).toEqual({ DocumentIncarnation: 1, Events: [] });
    expect(await look()).toEqual(first);
    events.plan({ EventId: 'e', EventType: 'Preempt', NotBefore: 'then' });
    expect(await look()).toMatchObject({
      DocumentIncarnation: 2,
      Events: [{ EventId: 'e', Resources: ['wn-1'], EventStatus: 'Scheduled', NotBefore: 'then' }],
    });
    events.cancel('e');
    expect(await look()).toEqual({ DocumentIncarnation: 3, Events: [] });
  });

  test('start when they are approved', async () => {
    const { events, look, post } = start();
    events.plan({ EventId: 'e', EventType: 'Preempt', NotBefore: 'then' });
    expect(await post(approval('e'))).toBe(200);
    expect(events.approved()).toEqual(['e']);
    expect(await look()).toMatchObject({ Events: [{ EventStatus: 'Started', NotBefore: '' }] });
  });

  test.each([
    '',
    'x',
    '{}',
    '{"StartRequests":[]}',
    '{"StartRequests":["e"]}',
    '{"StartRequests":[{"EventId":1}]}',
    approval('other'),
    approval('e', 'other'),
  ])('%j approves nothing', async body => {
    const { events, post } = start();
    events.plan({ EventId: 'e', EventType: 'Preempt' });
    expect(await post(body)).toBe(400);
    expect(events.approved()).toEqual([]);
  });

  test.each<[number, Record<string, string>, string, string]>([
    [200, HEADERS, PATH, 'GET'],
    [400, {}, PATH, 'GET'],
    [400, { ...HEADERS, 'x-forwarded-for': '10.0.0.1' }, PATH, 'GET'],
    [400, HEADERS, '/metadata/scheduledevents', 'GET'],
    [400, HEADERS, '/metadata/scheduledevents?api-version=2021-08-01', 'GET'],
    [405, HEADERS, PATH, 'PUT'],
    [200, HEADERS, '/metadata/instance/compute/name?api-version=2021-08-01&format=text', 'GET'],
    [400, HEADERS, '/metadata/instance/compute/name?api-version=2021-08-01', 'GET'],
  ])('answer %i to %j at %s by %s', async (status, headers, path, method) => {
    expect((await ask(start().listener, path, headers, method)).status).toBe(status);
  });
});
