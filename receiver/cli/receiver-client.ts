import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Argv } from 'yargs';
import { PilotageError } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { createHttp } from '../../platform/undici-http.ts';
import { Refusal } from '../../protocol/error.ts';
import { isLoopback } from '../http/receiver.ts';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Options of every command that asks a receiver. */
export const clientOptions = <T>(argv: Argv<T>) =>
  argv
    .option('url', {
      type: 'string',
      default: process.env.PILOTAGE_RECEIVER_URL ?? 'http://127.0.0.1:8443',
      describe: 'The receiver; also PILOTAGE_RECEIVER_URL',
    })
    .option('token-file', {
      type: 'string',
      default: process.env.PILOTAGE_TOKEN_FILE,
      describe: 'File with the operator’s token; also PILOTAGE_TOKEN_FILE',
    })
    .option('ca', {
      type: 'string',
      conflicts: 'pin',
      describe: 'Authority that vouches for it, PEM file',
    })
    .option('pin', { type: 'string', describe: 'sha256//… of its key, instead of an authority' })
    .option('allow-plain-http', {
      type: 'boolean',
      default: false,
      describe: 'Show the token to the network',
    })
    .option('json', { type: 'boolean', default: false, describe: 'JSON for programs' });

export interface ClientArgs {
  url: string;
  tokenFile: string | undefined;
  ca: string | undefined;
  pin: string | undefined;
  allowPlainHttp: boolean;
  json: boolean;
}

export interface ReceiverClient {
  get(path: string): Promise<unknown>;
  post(path: string, body: object): Promise<unknown>;
  put(path: string, body: object): Promise<unknown>;
  delete(path: string): Promise<unknown>;
  close(): Promise<void>;
}

const parseOrigin = (text: string, allowPlainHttp: boolean): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new PilotageError('usage', `--url ${text}: give http://HOST:PORT or https://HOST:PORT`);
  if (
    url.protocol === 'http:' &&
    !allowPlainHttp &&
    !isLoopback(url.hostname.replace(/[[\]]/g, ''))
  )
    throw new PilotageError(
      'usage',
      `${url.origin} would show your token to the network: use https://, or say --allow-plain-http`,
    );
  return url.origin;
};

const readText = async (path: string, what: string): Promise<string> => {
  const text = await createFiles().read(resolve(path), 256 * 1024);
  if (text === undefined)
    throw new PilotageError('file-failed', `${what} ${path} is missing`, { path });
  return text;
};

const refusalOf = (status: number, body: unknown): PilotageError => {
  const parsed = v.safeParse(Refusal, body);
  if (!parsed.success)
    return new PilotageError(
      'reply-invalid',
      `the server answered ${status}, and not as a receiver does: is --url right?`,
    );
  const { code, message } = parsed.output.error;
  const remedy =
    status === 401 ? ' (give --token-file the file that the receiver was started with)' : '';
  return new PilotageError('http-refused', `${message}${remedy}`, { status, code });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PilotageError('reply-invalid', 'the answer is not JSON: is --url right?', {}, error);
  }
};

/** Speaks to a receiver as an operator. Fails as `platform/http` does, and with `http-refused`. */
export const createReceiverClient = async (args: ClientArgs): Promise<ReceiverClient> => {
  const origin = parseOrigin(args.url, args.allowPlainHttp);
  if (args.tokenFile === undefined)
    throw new PilotageError(
      'usage',
      'which token? give --token-file FILE or set PILOTAGE_TOKEN_FILE',
    );
  const token = (await readText(args.tokenFile, 'the token file')).trim();
  const ca = args.ca === undefined ? undefined : await readText(args.ca, 'the authority’s file');
  const server = createHttp(origin, { ca, pin: args.pin });
  const ask = async (request: Pick<HttpRequest, 'method' | 'path' | 'body'>): Promise<unknown> => {
    const type = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const reply = await server.request({
      ...request,
      headers: { authorization: `Bearer ${token}`, ...type },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const body = parseJson(reply.body);
    if (reply.status >= 300) throw refusalOf(reply.status, body);
    return body;
  };
  return {
    get: path => ask({ method: 'GET', path }),
    post: (path, body) => ask({ method: 'POST', path, body: JSON.stringify(body) }),
    put: (path, body) => ask({ method: 'PUT', path, body: JSON.stringify(body) }),
    delete: path => ask({ method: 'DELETE', path }),
    close: () => server.close(),
  };
};

/** Runs `use` with a client that is closed afterwards. */
export const withReceiver = async (
  args: ClientArgs,
  use: (client: ReceiverClient) => Promise<void>,
): Promise<void> => {
  const client = await createReceiverClient(args);
  try {
    await use(client);
  } finally {
    await client.close();
  }
};

export const vmPath = (vm: string, rest = ''): string => `/v1/vms/${encodeURIComponent(vm)}${rest}`;
