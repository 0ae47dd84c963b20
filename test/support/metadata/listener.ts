import type { IncomingMessage, RequestListener } from 'node:http';

export interface Answer {
  status: number;
  body?: string | Buffer;
  headers?: Readonly<Record<string, string>>;
}

/** One header of a request, `undefined` if it is not there. */
export const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** A listener that answers each request by a function of it alone. */
export const answering =
  (answer: (request: IncomingMessage, path: string) => Answer): RequestListener =>
  (request, response) => {
    const { status, body = '', headers = {} } = answer(request, request.url ?? '/');
    response.writeHead(status, headers).end(body);
  };

export const NOT_FOUND: Answer = { status: 404, body: 'Not Found' };

/** The same where the answer may come later. */
export const answeringLater =
  (answer: (request: IncomingMessage, path: string) => Promise<Answer>): RequestListener =>
  (request, response) => {
    void answer(request, request.url ?? '/').then(({ status, body = '', headers = {} }) => {
      response.writeHead(status, headers).end(body);
    });
  };

/** The whole of what came with a request, as text. */
export const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
};
