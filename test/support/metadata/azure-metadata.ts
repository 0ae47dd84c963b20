import type { RequestListener } from 'node:http';
import { type Answer, answering, headerOf, NOT_FOUND } from './listener.ts';

const VERSIONS = ['2019-06-01', '2020-09-01', '2021-01-01', '2021-02-01', '2021-08-01'];
const OF_PROXIES = ['x-forwarded-for', 'forwarded', 'via'];

const refusal = (error: string): Answer => ({
  status: 400,
  body: JSON.stringify({ error, 'newest-versions': VERSIONS.slice(-3) }),
});

/**
 * Azure's Instance Metadata Service: 400 without `Metadata: true`, with a header that a proxy adds, or
 * without a known `api-version`.
 * @param instance the answer to `/metadata/instance`
 */
export const createAzureMetadata = (instance: object): RequestListener =>
  answering((request, path) => {
    const url = new URL(path, 'http://metadata');
    if (OF_PROXIES.some(name => headerOf(request, name) !== undefined))
      return refusal('Bad request. The request came by a proxy');
    if (headerOf(request, 'metadata')?.toLowerCase() !== 'true')
      return refusal("Bad request. Required metadata header 'Metadata: true' is missing");
    if (request.method !== 'GET') return { status: 405 };
    if (!VERSIONS.includes(url.searchParams.get('api-version') ?? ''))
      return refusal('Bad request. api-version is missing or not supported');
    if (url.pathname !== '/metadata/instance') return NOT_FOUND;
    return {
      status: 200,
      body: JSON.stringify(instance),
      headers: { 'content-type': 'application/json; charset=utf-8' },
    };
  });
