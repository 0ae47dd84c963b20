import type { RequestListener } from 'node:http';
import { startLoopbackServer } from '../../support/loopback-server.ts';

/** One request to a listener behind a real server. */
export const ask = async (
  listener: RequestListener,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
) => {
  const { origin } = await startLoopbackServer(listener);
  const reply = await fetch(`${origin}${path}`, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.status, body: await reply.text(), headers: reply.headers };
};
