import type { IncomingMessage, RequestListener } from 'node:http';
import { type AzureEvents, createAzureEvents } from './azure-events.ts';
import { type Answer, answeringLater, bodyOf, headerOf, NOT_FOUND } from './listener.ts';

const INSTANCE_VERSIONS = ['2019-06-01', '2020-09-01', '2021-01-01', '2021-02-01', '2021-08-01'];
const EVENT_VERSIONS = ['2017-11-01', '2019-01-01', '2019-04-01', '2019-08-01', '2020-07-01'];
const OF_PROXIES = ['x-forwarded-for', 'forwarded', 'via'];
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export interface AzureMetadata {
  listener: RequestListener;
  events: AzureEvents;
}

const refusal = (error: string, versions = INSTANCE_VERSIONS): Answer => ({
  status: 400,
  body: JSON.stringify({ error, 'newest-versions': versions.slice(-3) }),
});

const nameOf = (instance: object): string | undefined => {
  const { compute } = instance as { compute?: { name?: string } };
  return compute?.name;
};

/**
 * Azure's Instance Metadata Service with its scheduled events: 400 without `Metadata: true`, with a header
 * that a proxy adds, or without a known `api-version`.
 * @param instance the answer to `/metadata/instance`
 */
export const createAzureService = (instance: object): AzureMetadata => {
  const name = nameOf(instance);
  const events = createAzureEvents(name ?? 'vm');

  const answerEvents = async (request: IncomingMessage, version: string): Promise<Answer> => {
    if (!EVENT_VERSIONS.includes(version))
      return refusal('Bad request. api-version is missing or not supported', EVENT_VERSIONS);
    if (request.method === 'POST') return { status: events.approve(await bodyOf(request)) };
    if (request.method !== 'GET') return { status: 405 };
    return { status: 200, body: JSON.stringify(events.document()), headers: JSON_TYPE };
  };

  const answer = async (request: IncomingMessage, target: string): Promise<Answer> => {
    const { pathname, searchParams } = new URL(target, 'http://metadata');
    const version = searchParams.get('api-version') ?? '';
    if (OF_PROXIES.some(header => headerOf(request, header) !== undefined))
      return refusal('Bad request. The request came by a proxy');
    if (headerOf(request, 'metadata')?.toLowerCase() !== 'true')
      return refusal("Bad request. Required metadata header 'Metadata: true' is missing");
    if (pathname === '/metadata/scheduledevents') return answerEvents(request, version);
    if (request.method !== 'GET') return { status: 405 };
    if (!INSTANCE_VERSIONS.includes(version))
      return refusal('Bad request. api-version is missing or not supported');
    if (pathname === '/metadata/instance')
      return { status: 200, body: JSON.stringify(instance), headers: JSON_TYPE };
    // A leaf is told as text alone.
    if (pathname !== '/metadata/instance/compute/name' || name === undefined) return NOT_FOUND;
    return searchParams.get('format') === 'text'
      ? { status: 200, body: name }
      : refusal('Bad request. format=text is missing');
  };
  return { listener: answeringLater(answer), events };
};

/** The same where nothing is planned. */
export const createAzureMetadata = (instance: object): RequestListener =>
  createAzureService(instance).listener;
