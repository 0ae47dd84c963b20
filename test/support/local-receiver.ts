import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DirectiveKind } from '../../protocol/directive.ts';
import type { PeekThing } from '../../protocol/peek.ts';
import { credentialPath } from '../../receiver/cli/credential-argument.ts';
import { createReceiverClient, vmPath } from '../../receiver/cli/receiver-client.ts';
import type { DirectiveView } from '../../receiver/directives/directive-view.ts';
import type { HistoryView, VmSummary } from '../../receiver/fleet/vm-view.ts';
import type { PeekReply } from '../../receiver/peeks/peek-view.ts';
import { type Program, startProgram } from './child-program.ts';
import { pollUntil } from './poll-until.ts';

const PROGRAM = resolve(import.meta.dirname, '../../receiver/main.ts');
const START_MS = 30_000;
const STOP_MS = 5000;
const ORDER_MS = 60_000;
/** As many as the receiver gives at once. */
const MOST = 1000;

export interface LocalReceiverOptions {
  /** Its database, secrets and log go there. */
  folder: string;
  /** How often VMs report, e.g. `1s`. */
  pace: string;
  /** Silence after which a VM counts as stalled. */
  stallAfter: string;
  /** Further arguments of `serve`. */
  further?: readonly string[];
  environment: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** A stretch of a log as an operator reads it. */
export interface LogText {
  fromByte: number;
  nextByte: number;
  text: string;
}

/** A real receiver in a process of its own on this machine's loopback, and the operator's view of it. */
export interface LocalReceiver {
  program: Program;
  /** `http://127.0.0.1:PORT` */
  url: string;
  tokenFile: string;
  token: string;
  enrolmentSecret: string;
  /** In the order of enrolment. */
  vms(): Promise<VmSummary[]>;
  /** Every heartbeat stored for a VM, newest first. Fails where there are more than can be asked for. */
  history(vmId: string): Promise<HistoryView[]>;
  directives(vmId: string): Promise<DirectiveView[]>;
  /** Of a log, from a byte on; `undefined` if there is no such log. */
  readLog(vmId: string, source: string, fromByte: number): Promise<LogText | undefined>;
  /** What is seen of one of its pilots, `refused: …` or the like where nothing is. */
  peek(vmId: string, pilot: string, thing: PeekThing): Promise<string>;
  order(vmId: string, kind: 'drain' | 'halt', reason: string): Promise<void>;
  /** Gives any order, and waits for what becomes of it: `done: …`. */
  give(vmId: string, wish: { kind: DirectiveKind; [field: string]: unknown }): Promise<string>;
  /** Gives every VM a credential, in place of the one of that name. */
  putCredential(name: string, content: string): Promise<void>;
  /** How it ended, `exit 0` if all is well. */
  stop(): Promise<string>;
}

const readSecret = (path: string): string => readFileSync(path, 'utf8').trim();

/** @throws Error with the receiver's last words, if it does not come to listen */
export const startLocalReceiver = async (options: LocalReceiverOptions): Promise<LocalReceiver> => {
  const { folder, pace, stallAfter, further = [], environment, signal } = options;
  const at = (name: string): string => join(folder, name);
  const tokenFile = at('operator.token');
  const program = await startProgram({
    command: [
      ...([process.execPath, PROGRAM, 'serve', '--init', '--listen', '127.0.0.1:0'] as const),
      ...['--database', at('fleet.db'), '--operator-token-file', tokenFile],
      ...['--enrolment-secret-file', at('enrolment.secret')],
      ...['--credential-key-file', at('credential.key')],
      ...['--pace', pace, '--stall-after', stallAfter, ...further],
    ],
    logFile: at('receiver.log'),
    environment,
  });
  const url = await pollUntil(
    'the receiver listens',
    { timeoutMs: START_MS, everyMs: 20, ...(signal === undefined ? {} : { signal }) },
    () => {
      const end = program.ended();
      if (end !== undefined)
        throw new Error(`the receiver ended with ${end}:\n${program.tail(10)}`);
      return /"address":"([^"]+)"/.exec(program.tail(10))?.[1];
    },
  );
  const client = await createReceiverClient({
    ...{ url, tokenFile, json: true },
    ...{ ca: undefined, pin: undefined, allowPlainHttp: false },
  });
  return {
    program,
    url,
    tokenFile,
    token: readSecret(tokenFile),
    enrolmentSecret: readSecret(at('enrolment.secret')),
    vms: async () => {
      const answer = await client.get(`/v1/vms?limit=${MOST}`);
      return (answer as { vms: VmSummary[] }).vms;
    },
    history: async vmId => {
      const answer = await client.get(vmPath(vmId, `/history?limit=${MOST}`));
      const { history } = answer as { history: HistoryView[] };
      if (history.length === MOST) throw new Error(`${vmId} has more heartbeats than can be told`);
      return history;
    },
    directives: async vmId => {
      const answer = await client.get(vmPath(vmId, '/directives?limit=100'));
      return (answer as { directives: DirectiveView[] }).directives;
    },
    readLog: async (vmId, source, fromByte) => {
      const { sources } = (await client.get(vmPath(vmId, '/logs'))) as {
        sources: { source: string }[];
      };
      if (!sources.some(each => each.source === source)) return undefined;
      const query = new URLSearchParams({ source, fromByte: String(fromByte) });
      return (await client.get(vmPath(vmId, `/logs?${query}`))) as LogText;
    },
    give: async (vmId, wish) => {
      const { id } = (await client.post(vmPath(vmId, '/directives'), wish)) as { id: string };
      return pollUntil(
        `the end of ${wish.kind}`,
        { timeoutMs: ORDER_MS, everyMs: 100, ...(signal === undefined ? {} : { signal }) },
        async () => {
          const answer = await client.get(vmPath(vmId, '/directives?limit=100'));
          const { directives } = answer as { directives: DirectiveView[] };
          const found = directives.find(directive => directive.id === id);
          return found?.acknowledgedAt == null ? undefined : `${found.status}: ${found.detail}`;
        },
      );
    },
    order: async (vmId, kind, reason) => {
      await client.post(vmPath(vmId, '/directives'), { kind, reason });
    },
    peek: async (vmId, pilot, thing) => {
      const { id } = (await client.post(vmPath(vmId, '/peeks'), { pilot, thing, by: 'demo' })) as {
        id: string;
      };
      const reply = await pollUntil(
        `${thing} of ${pilot}`,
        { timeoutMs: START_MS, everyMs: 100, ...(signal === undefined ? {} : { signal }) },
        async () => {
          const seen = (await client.get(vmPath(vmId, `/peeks/${id}`))) as PeekReply;
          return seen.status === 'pending' || seen.status === 'sent' ? undefined : seen;
        },
      );
      return reply.answer?.text ?? `${reply.status}: ${reply.detail}`;
    },
    putCredential: async (name, content) => {
      await client.put(credentialPath(name), { content });
    },
    stop: async () => {
      await client.close();
      return program.stop(STOP_MS);
    },
  };
};
