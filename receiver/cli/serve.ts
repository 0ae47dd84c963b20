import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { createClock } from '../../platform/clock.ts';
import { PilotageError } from '../../platform/errors.ts';
import { createFiles, type Files } from '../../platform/files.ts';
import { createLog, type LogLevel } from '../../platform/log.ts';
import { VERSION } from '../../platform/version.ts';
import type { ReceiverConfig } from '../http/ports.ts';
import { createReceiver } from '../http/receiver.ts';
import { LOG_QUOTA } from '../storage/sqlite-log-quota.ts';
import { createSqliteStorage } from '../storage/sqlite-storage.ts';
import { defineCommand } from './command.ts';
import { readCredentialKey } from './credential-key.ts';
import { deletionOptions, deletionsOf } from './deletion-options.ts';
import { durationOption } from './duration-option.ts';
import { readSecretFile } from './secret-file.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
const MAX_PEM_BYTES = 256 * 1024;

/** `host:port`, `[::1]:port`; an empty host or a port beyond 65535 is refused. */
export const parseListen = (text: string): { host: string; port: number } => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535)
    throw new PilotageError(
      'usage',
      `--listen ${text}: give HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443`,
    );
  return { host, port };
};

const readPem = async (files: Files, path: string): Promise<string> => {
  const text = await files.read(resolve(path), MAX_PEM_BYTES);
  if (text === undefined) throw new PilotageError('file-failed', `${path} is missing`, { path });
  return text;
};

const untilTold = (): Promise<string> =>
  new Promise(done => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done(signal));
  });

const options = (argv: Argv) =>
  deletionOptions(argv)
    .option('listen', {
      type: 'string',
      default: '127.0.0.1:8443',
      coerce: parseListen,
      describe: 'HOST:PORT; port 0 takes any free one',
    })
    .option('database', {
      type: 'string',
      demandOption: true,
      describe: 'SQLite file, made if it is missing',
    })
    .option('enrolment-secret-file', {
      type: 'string',
      demandOption: true,
      describe: 'Secret that the VMs’ contexts carry',
    })
    .option('operator-token-file', {
      type: 'string',
      demandOption: true,
      describe: 'Token of the operators',
    })
    .option('credential-key-file', {
      type: 'string',
      describe: 'Key that seals the credentials kept for VMs; keep it apart from backups',
    })
    .option('init', {
      type: 'boolean',
      default: false,
      describe: 'Make secret files that are missing, readable by you only',
    })
    .option('tls-cert', { type: 'string', implies: 'tls-key', describe: 'Certificate chain, PEM' })
    .option('tls-key', { type: 'string', implies: 'tls-cert', describe: 'Its private key, PEM' })
    .option('allow-plain-http', {
      type: 'boolean',
      default: false,
      describe: 'Plain HTTP beyond loopback: tokens can be read on the way',
    })
    .option('pace', {
      type: 'string',
      default: '60s',
      coerce: durationOption('pace'),
      describe: 'How often each VM reports',
    })
    .option('stall-after', {
      type: 'string',
      default: '10m',
      coerce: durationOption('stall-after'),
      describe: 'Silence after which a VM counts as stalled',
    })
    .option('log-quota-mb', {
      type: 'number',
      default: 10_240,
      describe: 'Most that the logs of all VMs take in the database; the oldest go first',
    })
    .option('log-level', {
      choices: LEVELS,
      default: 'info' as LogLevel,
      describe: 'JSON lines on standard output',
    })
    .example(
      '$0 serve --init --database fleet.db --enrolment-secret-file enrol.secret --operator-token-file operator.token',
      'try it on this machine',
    )
    .example(
      '$0 serve --listen 0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem …',
      'serve VMs elsewhere',
    );

export const serveCommand = defineCommand({
  options,
  run: async args => {
    const files = createFiles();
    const log = createLog(args.logLevel, line => void process.stdout.write(line));
    const told = untilTold();
    if (args.pace < 1000) throw new PilotageError('usage', '--pace must be at least 1s');
    if (!(args.logQuotaMb >= 1))
      throw new PilotageError('usage', '--log-quota-mb must be at least 1');
    if (args.stallAfter <= args.pace)
      throw new PilotageError(
        'usage',
        '--stall-after must be longer than --pace, or every VM would seem stalled',
      );
    const { tlsCert, tlsKey, init, credentialKeyFile: keyFile } = args;
    const tls =
      tlsCert === undefined || tlsKey === undefined
        ? undefined
        : { cert: await readPem(files, tlsCert), key: await readPem(files, tlsKey) };
    const config: ReceiverConfig = {
      listen: args.listen,
      allowPlainHttp: args.allowPlainHttp,
      enrolmentSecret: await readSecretFile(files, log, args.enrolmentSecretFile, init),
      operatorToken: await readSecretFile(files, log, args.operatorTokenFile, init),
      credentialKey:
        keyFile === undefined ? undefined : await readCredentialKey(files, log, keyFile, init),
      paceMs: args.pace,
      stallAfterMs: args.stallAfter,
      deletions: await deletionsOf(files, args),
      tls,
    };
    const storage = createSqliteStorage(resolve(args.database), {
      ...LOG_QUOTA,
      total: args.logQuotaMb * 1024 * 1024,
    });
    const receiver = await createReceiver({ clock: createClock(), log, storage }, config);
    log.info({ address: receiver.address, version: VERSION, pid: process.pid }, 'listening');
    const signal = await told;
    log.info({ signal }, 'stopping');
    await receiver.stop();
    log.info({}, 'stopped');
  },
});
