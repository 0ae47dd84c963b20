import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createReceiverClient, vmPath } from '../../receiver/cli/receiver-client.ts';
import type { DirectiveView } from '../../receiver/directives/directive-view.ts';
import type { VmDetail, VmSummary } from '../../receiver/fleet/vm-view.ts';
import { makeCertificate } from '../support/certificates.ts';
import { runOnHost } from '../support/host-exec.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Bed } from './bed.ts';

const PROGRAM = resolve(import.meta.dirname, '../../receiver/main.ts');
const START_MS = 30_000;

/** How to wait for a guest: looking seldom, since looking costs the guest its processor. */
export const patience = (timeoutMs: number) => ({ timeoutMs, everyMs: 500 });

/** A receiver on the host's loopback, with TLS, and its own command-line client for the operator. */
export interface HostReceiver {
  port: number;
  /** In PEM, for who stands in its place. */
  certFile: string;
  keyFile: string;
  /** Of its key, as a context carries it. */
  pin: string;
  enrolmentSecret: string;
  /** A command of the operator, e.g. `['drain', 'i-life']`; its answer. Fails if the client does. */
  operate(args: readonly string[]): Promise<string>;
  vms(): Promise<VmSummary[]>;
  /** `undefined` before it has enrolled. */
  show(instanceId: string): Promise<VmDetail | undefined>;
  directives(vmId: string): Promise<DirectiveView[]>;
  /** To its process. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** What is there from a receiver before is kept, as its clients know it. */
const makeKey = async (folder: string): Promise<{ cert: string; key: string; pin: string }> => {
  const cert = join(folder, 'receiver.crt');
  const key = join(folder, 'receiver.key');
  const pin = join(folder, 'receiver.pin');
  if (!existsSync(pin)) {
    const made = await makeCertificate('DNS:receiver.test');
    writeFileSync(cert, made.cert);
    writeFileSync(key, made.key, { mode: 0o600 });
    writeFileSync(pin, made.pin);
  }
  return { cert, key, pin: readFileSync(pin, 'utf8') };
};

const writeSecret = (path: string): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const secret = randomBytes(24).toString('base64url');
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return secret;
};

/**
 * Starts `pilotage-receiver serve`; it ends with the scenario.
 * @param folder for its files; one that holds those of an earlier receiver is gone on with
 */
export const startReceiver = async (
  bed: Bed,
  { pace = '2s', folder = bed.folder }: { pace?: string; folder?: string } = {},
): Promise<HostReceiver> => {
  mkdirSync(folder, { recursive: true });
  const { cert, key, pin } = await makeKey(folder);
  const secretFile = join(folder, 'enrolment.secret');
  const tokenFile = join(folder, 'operator.token');
  const enrolmentSecret = writeSecret(secretFile);
  writeSecret(tokenFile);
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', process.execPath, PROGRAM, 'serve', '--listen', '127.0.0.1:0'],
      ...['--database', join(folder, 'fleet.db'), '--tls-cert', cert, '--tls-key', key],
      ...['--enrolment-secret-file', secretFile, '--operator-token-file', tokenFile],
      ...['--pace', pace],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  bed.onClose(() => void child.kill('SIGKILL'));
  let said = '';
  const listen = (text: string): void => {
    said += text;
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  const address = await pollUntil('the receiver listens', { timeoutMs: START_MS }, () => {
    if (child.exitCode !== null) throw new Error(`the receiver ended: ${said}`);
    return /"address":"([^"]+)"/.exec(said)?.[1];
  });
  const port = Number(new URL(address).port);
  const operate = async (args: readonly string[]): Promise<string> => {
    const where = ['--url', `https://127.0.0.1:${port}`, '--token-file', tokenFile, '--pin', pin];
    return (await runOnHost(process.execPath, [PROGRAM, ...args, ...where])).stdout;
  };
  // Looking goes without a process each time: the cores are busy with the guests.
  const client = await createReceiverClient({
    ...{ url: `https://127.0.0.1:${port}`, tokenFile, pin, ca: undefined },
    ...{ allowPlainHttp: false, json: true },
  });
  bed.onClose(() => client.close());
  const vms = async (): Promise<VmSummary[]> =>
    ((await client.get('/v1/vms?limit=100')) as { vms: VmSummary[] }).vms;
  return {
    port,
    certFile: cert,
    keyFile: key,
    pin,
    enrolmentSecret,
    operate,
    vms,
    show: async instanceId => {
      const found = (await vms()).find(vm => vm.instanceId === instanceId);
      return found && ((await client.get(vmPath(found.vmId))) as VmDetail);
    },
    directives: async vmId => {
      const answer = await client.get(vmPath(vmId, '/directives?limit=20'));
      return (answer as { directives: DirectiveView[] }).directives;
    },
    signal: signal => void child.kill(signal),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
