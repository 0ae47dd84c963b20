import type { RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';

/** Takes the request and never answers. */
export const hanging: RequestListener = () => undefined;

/** Answers a byte now and then, for ever. */
export const dripping: RequestListener = (_, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 10);
  onTestFinished(() => clearInterval(timer));
};

/** Answers so many bytes. */
export const oversize =
  (bytes: number): RequestListener =>
  (_, response) => {
    response.end(Buffer.alloc(bytes, 'x'));
  };

/** Answers a status to the first requests, and then as it should. */
export const failingFirst = (
  times: number,
  status: number,
  then: RequestListener,
): RequestListener => {
  let seen = 0;
  return (request, response) => {
    seen += 1;
    if (seen <= times) response.writeHead(status).end('not now');
    else then(request, response);
  };
};
