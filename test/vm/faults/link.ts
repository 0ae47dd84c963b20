import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bed } from '../bed.ts';
import type { HostReceiver } from '../host-receiver.ts';
import { handlingOf, type LinkMode } from './link-mode.ts';

/** A relay between guest and receiver that reads their messages, and carries them well or badly. */
export interface Link {
  /** Where the guest's connections are taken, on the host's loopback. */
  port: number;
  carry(mode: LinkMode): void;
  /** Messages that were not carried well. */
  mistreated(): number;
}

interface Message {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** It shows the receiver's own key, so that the guest's pin holds; it ends with the scenario. */
export const startLink = async (bed: Bed, receiver: HostReceiver): Promise<Link> => {
  let mode: LinkMode = 'well';
  let count = 0;
  let mistreated = 0;
  let kept: Message[] = [];

  const deliver = async ({ method, path, headers, body }: Message): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { host: _, connection: __, ...others } = headers;
    const where = { host: '127.0.0.1', port: receiver.port, method, path, headers: others };
    // Who is at the other end is the guest's to prove; here it is our own process.
    const asked = request({ ...where, rejectUnauthorized: false, agent: false }, resolve);
    asked.once('error', reject);
    asked.end(body);
    const answer = await promise;
    return {
      status: answer.statusCode ?? 502,
      headers: answer.headers,
      body: await buffer(answer),
    };
  };

  const carry = async (message: Message, response: ServerResponse): Promise<void> => {
    const handling = handlingOf(mode, message.path, count);
    count += 1;
    if (handling !== 'pass') mistreated += 1;
    if (handling === 'lose') return;
    if (handling === 'keep') {
      kept.push(message);
      response.destroy();
      return;
    }
    if (handling === 'delay') await pause(4000);
    const answer = await deliver(message);
    if (handling === 'repeat') for (let copy = 0; copy < 2; copy += 1) await deliver(message);
    const late = kept;
    kept = [];
    for (const each of late) await deliver(each);
    if (handling === 'lose-answer') return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };

  const server = createServer(
    { cert: readFileSync(receiver.certFile), key: readFileSync(receiver.keyFile) },
    (incoming, response) => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      buffer(incoming)
        .then(body => carry({ method, path, headers, body }, response))
        // As where the receiver is gone: the guest sees its connection broken.
        .catch(() => response.destroy());
    },
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  bed.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    carry: next => {
      mode = next;
      count = 0;
    },
    mistreated: () => mistreated,
  };
};
