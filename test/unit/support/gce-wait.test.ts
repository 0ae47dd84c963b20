import { describe, expect, test } from 'vitest';
import { createGceService } from '../../support/metadata/gce-metadata.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { ask } from './ask.ts';

describe('the waiting of GCE', () => {
  const PATH = '/computeMetadata/v1/instance/preempted';
  const GOOGLE = { 'metadata-flavor': 'Google' };
  const start = () => {
    const service = createGceService({ preempted: 'FALSE' });
    const look = (query = '') => ask(service.listener, `${PATH}${query}`, GOOGLE);
    const tag = async (): Promise<string> => (await look()).headers.get('etag') ?? '';
    return { ...service, look, tag };
  };

  test('each value has a tag of its own, and the same one again', async () => {
    const { put, tag } = start();
    const first = await tag();
    put('preempted', 'TRUE');
    expect(await tag()).not.toBe(first);
    put('preempted', 'FALSE');
    expect(await tag()).toBe(first);
  });

  test('ends with the change', async () => {
    const { put, look, tag, waiting } = start();
    const answer = look(`?wait_for_change=true&timeout_sec=60&last_etag=${await tag()}`);
    await pollUntil('it waits', { timeoutMs: 5000 }, () => waiting() > 0 || undefined);
    put('preempted', 'TRUE');
    expect((await answer).body).toBe('TRUE');
    expect(waiting()).toBe(0);
  });

  test('is not begun by who knows another value', async () => {
    const { look } = start();
    expect((await look('?wait_for_change=true&last_etag=0')).body).toBe('FALSE');
  });

  test('ends with its time, unchanged', async () => {
    const { look, tag } = start();
    const query = `?wait_for_change=true&timeout_sec=0&last_etag=${await tag()}`;
    expect(await look(query)).toMatchObject({ status: 200, body: 'FALSE' });
  });

  test.each(['?timeout_sec=soon&wait_for_change=true', '?wait=1'])('%s is refused', async query => {
    expect((await start().look(query)).status).toBe(400);
  });
});
