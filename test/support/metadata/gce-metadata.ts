import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { type Answer, answeringLater, headerOf } from './listener.ts';

export interface GceMetadata {
  listener: RequestListener;
  /** From now on a key has this value, or is gone; whoever waits for that is answered. */
  put(name: string, value: string | undefined): void;
  /** Requests that wait for a change now. */
  waiting(): number;
}

const HEADERS = { 'metadata-flavor': 'Google', server: 'Metadata Server for VM' };
const PARAMETERS = new Set(['wait_for_change', 'timeout_sec', 'last_etag', 'alt', 'recursive']);

const etagOf = (value: string | Buffer | undefined): string =>
  value === undefined ? '0' : createHash('sha256').update(value).digest('hex').slice(0, 16);

/**
 * GCE's metadata server: 403 without `Metadata-Flavor: Google` or with what a proxy adds, the same header
 * and an ETag on each answer, and `wait_for_change` with `last_etag` and `timeout_sec`.
 * @param atFirst what lies below `/computeMetadata/v1/instance/`, e.g. `attributes/user-data`, and
 *   `project/…` of `/computeMetadata/v1/`
 */
export const createGceService = (
  atFirst: Readonly<Record<string, string | Buffer>>,
): GceMetadata => {
  const instance = new Map<string, string | Buffer>(Object.entries(atFirst));
  const waiters = new Set<() => void>();

  const look = (name: string): Answer => {
    const body = instance.get(name);
    const headers = { ...HEADERS, etag: etagOf(body) };
    return body === undefined ? { status: 404, headers } : { status: 200, body, headers };
  };

  /** Until the key is another than its reader knows, or the time that it gave is over. */
  const waitForChange = (
    name: string,
    lastEtag: string,
    timeoutSec: number,
    request: IncomingMessage,
  ): Promise<void> =>
    new Promise(resolve => {
      const finish = (): void => {
        waiters.delete(check);
        clearTimeout(timer);
        resolve();
      };
      const check = (): void => {
        if (etagOf(instance.get(name)) !== lastEtag) finish();
      };
      const timer = setTimeout(finish, timeoutSec * 1000);
      waiters.add(check);
      request.once('close', () => request.destroyed && finish());
      check();
    });

  const answer = async (request: IncomingMessage, target: string): Promise<Answer> => {
    const isProxied = headerOf(request, 'x-forwarded-for') !== undefined;
    if (headerOf(request, 'metadata-flavor') !== 'Google' || isProxied)
      return { status: 403, headers: HEADERS };
    if (request.method !== 'GET') return { status: 405, headers: HEADERS };
    const { pathname, searchParams } = new URL(target, 'http://metadata');
    if ([...searchParams.keys()].some(key => !PARAMETERS.has(key)))
      return { status: 400, headers: HEADERS };
    const [, name = ''] =
      /^\/computeMetadata\/v1\/(?:instance\/)?((?<=instance\/).+|project\/.+)$/.exec(pathname) ??
      [];
    if (searchParams.get('wait_for_change') === 'true') {
      const timeoutSec = searchParams.get('timeout_sec') ?? '3600';
      if (!/^\d{1,5}$/.test(timeoutSec)) return { status: 400, headers: HEADERS };
      const known = searchParams.get('last_etag') ?? etagOf(instance.get(name));
      await waitForChange(name, known, Number(timeoutSec), request);
    }
    return look(name);
  };

  return {
    listener: answeringLater(answer),
    put: (name, value) => {
      if (value === undefined) instance.delete(name);
      else instance.set(name, value);
      for (const check of [...waiters]) check();
    },
    waiting: () => waiters.size,
  };
};

/** The same where nothing changes. */
export const createGceMetadata = (
  instance: Readonly<Record<string, string | Buffer>>,
  project: Readonly<Record<string, string>> = {},
): RequestListener => {
  const ofProject = Object.entries(project).map(([name, value]) => [`project/${name}`, value]);
  return createGceService({ ...instance, ...Object.fromEntries(ofProject) }).listener;
};
