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
