import type { RequestListener } from 'node:http';
import { answering, headerOf } from './listener.ts';

/**
 * GCE's metadata server: 403 without `Metadata-Flavor: Google` or with what a proxy adds, and the same
 * header on each answer.
 * @param instance what lies below `/computeMetadata/v1/instance/`, e.g. `attributes/user-data`
 */
export const createGceMetadata = (
  instance: Readonly<Record<string, string | Buffer>>,
): RequestListener =>
  answering((request, path) => {
    const headers = { 'metadata-flavor': 'Google', server: 'Metadata Server for VM' };
    const isProxied = headerOf(request, 'x-forwarded-for') !== undefined;
    if (headerOf(request, 'metadata-flavor') !== 'Google' || isProxied)
      return { status: 403, headers };
    if (request.method !== 'GET') return { status: 405, headers };
    const [, name = ''] = /^\/computeMetadata\/v1\/instance\/(.+)$/.exec(path) ?? [];
    const body = instance[name];
    return body === undefined ? { status: 404, headers } : { status: 200, body, headers };
  });
