import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HttpRequest, HttpServer, Trust } from '../../platform/http.ts';
import { createLog } from '../../platform/log.ts';
import { createHttp } from '../../platform/undici-http.ts';
import type { EnrolResponse } from '../../protocol/enrol.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/heartbeat.ts';
import type { ReceiverConfig } from '../../receiver/http/ports.ts';
import { createReceiver, type Receiver } from '../../receiver/http/receiver.ts';
import { createSqliteStorage } from '../../receiver/storage/sqlite-storage.ts';
import type { Storage } from '../../receiver/storage/storage.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as they come
export type Answer = { status: number; body: any; headers: Readonly<Record<string, unknown>> };

/** A folder of this test alone, gone when it ends. */
export const createTestFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-receiver-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const heartbeat = (
  sequence: number,
  rest: Partial<HeartbeatRequest> = {},
): HeartbeatRequest => ({
  protocol: 1,
  bootId: 'boot-1',
  sequence,
  agentVersion: '0.1.0',
  state: 'running',
  reason: '',
  uptimeMs: 60_000 + sequence,
  load: { ok: true, value: 0.5 },
  cpuCores: { ok: true, value: 0.4 },
  payloads: { ok: false, reason: 'no-data' },
  pilots: [],
  verdicts: [],
  acknowledged: [],
  logs: [],
  ...rest,
});

/** Asks any server, in JSON, over real HTTP. */
export const createAsker = (address: string, trust?: Trust) => {
  const server: HttpServer = createHttp(address, trust);
  onTestFinished(() => server.close());
  return async (
    method: HttpRequest['method'],
    path: string,
    {
      token,
      body,
      headers,
    }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const reply = await server.request({
      method,
      path,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      timeoutMs: 20_000,
      maxBytes: 16 * 1024 * 1024,
    });
    const isJson = String(reply.headers['content-type']).startsWith('application/json');
    return {
      status: reply.status,
      body: isJson ? JSON.parse(reply.body) : reply.body,
      headers: reply.headers,
    };
  };
};
export type Asker = ReturnType<typeof createAsker>;

export const createNonce = (): string => randomBytes(16).toString('hex');

export const enrolment = (secret: string, hostname: string, nonce = createNonce()) => ({
  protocol: 1,
  nonce,
  secret,
  bootId: 'boot-1',
  agentVersion: '0.1.0',
  identity: { instanceId: `i-${hostname}`, hostname, site: 'CERN', cores: 8 },
});

export interface VmUnderTest {
  vmId: string;
  token: string;
  /** Sends the next heartbeat, or the one given; fails unless it is acknowledged. */
  beat(rest?: Partial<HeartbeatRequest>): Promise<HeartbeatResponse>;
}

export const enrolVm = async (
  ask: Asker,
  secret: string,
  hostname: string,
): Promise<VmUnderTest> => {
  const enrolled = await ask('POST', '/v1/enrol', { body: enrolment(secret, hostname) });
  if (enrolled.status !== 200) throw new Error(`enrolment: ${JSON.stringify(enrolled.body)}`);
  const { vmId, token } = enrolled.body as EnrolResponse;
  let sequence = 0;
  return {
    vmId,
    token,
    beat: async (rest = {}) => {
      sequence = rest.sequence ?? sequence + 1;
      const answer = await ask('POST', '/v1/heartbeat', { token, body: heartbeat(sequence, rest) });
      if (answer.status !== 200) throw new Error(`heartbeat: ${JSON.stringify(answer.body)}`);
      return answer.body as HeartbeatResponse;
    },
  };
};

export interface ReceiverUnderTest {
  address: string;
  database: string;
  enrolmentSecret: string;
  operatorToken: string;
  clock: ManualClock;
  /** Every line that was logged. */
  lines: string[];
  ask: Asker;
  operator(method: HttpRequest['method'], path: string, body?: unknown): Promise<Answer>;
  enrol(hostname: string): Promise<VmUnderTest>;
  stop(): Promise<void>;
}

export interface ReceiverSetting {
  folder?: string;
  clock?: ManualClock;
  config?: Partial<ReceiverConfig>;
  trust?: Trust;
  /** Stands between the receiver and its storage. */
  wrap?: (storage: Storage) => Storage;
}

const CREDENTIAL_KEY = Buffer.alloc(32, 'key');

/** The real receiver on a real port of this machine, with time that the test moves. */
export const startReceiver = async (setting: ReceiverSetting = {}): Promise<ReceiverUnderTest> => {
  const { folder = createTestFolder(), clock = createManualClock(), config = {} } = setting;
  const { wrap = (storage: Storage) => storage } = setting;
  const database = join(folder, 'fleet.db');
  const lines: string[] = [];
  const enrolmentSecret = 'canary-enrolment-secret-5f2c';
  const operatorToken = 'canary-operator-token-91ab';
  const receiver: Receiver = await createReceiver(
    {
      clock,
      log: createLog('debug', line => void lines.push(line)),
      storage: wrap(createSqliteStorage(database)),
      random: () => 0.5,
    },
    {
      listen: { host: '127.0.0.1', port: 0 },
      enrolmentSecret,
      operatorToken,
      credentialKey: CREDENTIAL_KEY,
      paceMs: 60_000,
      stallAfterMs: 600_000,
      ...config,
    },
  );
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= receiver.stop();
    return stopped;
  };
  onTestFinished(stop);
  const { address } = receiver;
  const ask = createAsker(address, setting.trust);
  return {
    address,
    database,
    enrolmentSecret,
    operatorToken,
    clock,
    lines,
    ask,
    operator: (method, path, body) => ask(method, path, { token: operatorToken, body }),
    enrol: hostname => enrolVm(ask, enrolmentSecret, hostname),
    stop,
  };
};
