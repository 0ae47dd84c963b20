import * as v from 'valibot';
import { Glidein } from './schema-glidein.ts';
import { Pilots } from './schema-pilots.ts';
import { Policies } from './schema-policies.ts';
import {
  AbsolutePath,
  CredentialName,
  Duration,
  EnvironmentName,
  GroupName,
  HttpUrl,
  Label,
  ProxyString,
  Repository,
  Secret,
  StratumUrl,
  text,
  UserPrefix,
  whole,
} from './schema-words.ts';

/**
 * The context, version 1: all that a VM is told from outside. Keys are what people write; durations
 * are written with a unit (`90s`, `20m`, `48h`) and are ms once parsed.
 */

export const Receiver = v.pipe(
  v.strictObject({
    /** Where heartbeats go: `https://receiver.example.org:8443`. */
    url: HttpUrl,
    /** PEM certificates of the authority that signed the receiver's. */
    ca: v.optional(
      v.pipe(
        v.string('PEM certificates'),
        v.includes('-----BEGIN CERTIFICATE-----', 'PEM certificates'),
        v.maxLength(65_536),
      ),
    ),
    /** Hash of the receiver's public key, as RFC 7469 writes it. */
    pin: v.optional(
      text(/^sha256\/\/[A-Za-z0-9+/]{43}=$/, 'sha256//<base64 of the SHA-256 of the public key>'),
    ),
    /** Plain HTTP to anything but this machine itself is refused unless this says yes. */
    allowPlainHttp: v.optional(v.boolean('true or false'), false),
    /** Exchanged once for a credential of this VM alone. */
    enrolmentSecret: Secret,
  }),
  v.check(
    ({ url, allowPlainHttp }) =>
      allowPlainHttp ||
      url.startsWith('https:') ||
      /^http:\/\/(?:localhost|127\.[0-9.]+|\[::1\])[:/]?/.test(`${url}/`),
    'plain HTTP beyond this machine needs allowPlainHttp: true',
  ),
);
export type Receiver = v.InferOutput<typeof Receiver>;

const Identity = v.strictObject({
  site: v.optional(Label),
  endpoint: v.optional(Label),
  runningPod: v.optional(Label),
  vo: v.optional(Label),
  image: v.optional(Label),
  instanceType: v.optional(Label),
});

const ExtraRepository = v.strictObject({
  name: Repository,
  /** Stratum 1 servers, in their order, each like http://stratum1.example.org/cvmfs/@fqrn@ */
  servers: v.pipe(
    v.array(StratumUrl, 'a list of server addresses'),
    v.minLength(1, 'at least one server'),
    v.maxLength(20),
  ),
  /** The repository's public key, PEM. */
  publicKey: v.pipe(
    v.string('a public key in PEM'),
    v.regex(
      /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/,
      'a public key in PEM',
    ),
    v.maxLength(4096),
  ),
});

const Cvmfs = v.strictObject({
  repositories: v.pipe(
    v.array(Repository, 'a list of repositories'),
    v.minLength(1, 'at least one repository'),
    v.maxLength(200),
  ),
  /** CVMFS_HTTP_PROXY; mandatory for the client. */
  proxies: ProxyString,
  /** Wanted; fitted to the volume, of which a fifth and 1 GB stay free. */
  quotaMb: v.optional(whole(1000, 10_000_000), 20_000),
  cache: v.optional(AbsolutePath, '/var/lib/cvmfs'),
  /** CVMFS_USE_CDN: what goes around the proxies is asked of a content delivery network. */
  useCdn: v.optional(v.boolean('true or false'), false),
  /** CVMFS_CLIENT_PROFILE: `single` for a lone machine, `custom` for exactly what is written here. */
  clientProfile: v.optional(v.picklist(['single', 'custom'], 'one of: single, custom')),
  /** Repositories that no packaged configuration knows. */
  extraRepositories: v.optional(
    v.pipe(v.array(ExtraRepository, 'a list of repositories'), v.maxLength(50)),
    [],
  ),
});

const SystemProxy = v.strictObject({
  http: HttpUrl,
  noProxy: v.optional(
    v.pipe(
      v.array(text(/^(?!.*\.\.)[A-Za-z0-9.:*/-]+$/, 'a host, domain or network')),
      v.maxLength(100),
    ),
    ['localhost', '127.0.0.1', '169.254.169.254'],
  ),
});

const Credential = v.strictObject({
  name: CredentialName,
  content: Secret,
  /** Variable that tells pilots where the file is, e.g. X509_USER_PROXY or BEARER_TOKEN_FILE. */
  variable: v.optional(EnvironmentName),
});

const Users = v.strictObject({
  /** One user a slot: plt00, plt01, … */
  prefix: v.optional(UserPrefix, 'plt'),
  group: v.optional(GroupName, 'pilots'),
});

const Ending = v.strictObject({
  /** How long running pilots may go on after a drain, where the drain itself does not say. */
  drainDeadline: v.optional(Duration, '24h'),
  /** From TERM to KILL. */
  killGrace: v.optional(Duration, '1m'),
  /** Time for the last heartbeat and logs before the power goes. */
  farewell: v.optional(Duration, '30s'),
});
export type Ending = v.InferOutput<typeof Ending>;

const Monitor = v.strictObject({ tick: v.optional(Duration, '10s') });

const Features = v.strictObject({
  /** HS06 of the whole machine, as Machine/Job Features publishes it. */
  hs06: v.optional(v.pipe(v.number('a number'), v.minValue(0))),
});

const Hooks = v.strictObject({
  /** How long each program in pre.d and post.d may take. */
  limit: v.optional(Duration, '60s'),
});

export const CHECK_NAMES = [
  'disk',
  'memory',
  'clock',
  'dns',
  'outbound',
  'squid',
  'cvmfs',
  'containers',
  'gpus',
  'credentials',
] as const;
const Checks = v.strictObject({
  /** Checks that this VM goes without. */
  skip: v.optional(
    v.array(v.picklist(CHECK_NAMES, `one of: ${CHECK_NAMES.join(', ')}`), 'a list of checks'),
    [],
  ),
  /** Room that payloads need under the scratch folder. */
  diskMb: v.optional(whole(0, 100_000_000), 1000),
  memoryMb: v.optional(whole(0, 100_000_000), 256),
  /** By how much the clock may be wrong. */
  clockOffset: v.optional(Duration, '5m'),
  /** How long every credential must still live. */
  credentialLife: v.optional(Duration, '10m'),
  /** Where squids are asked to fetch a manifest from. */
  stratumOne: v.optional(HttpUrl, 'http://cvmfs-stratum-one.cern.ch'),
});

const shared = {
  version: v.literal(1, 'version: 1'),
  /** How long a VM that cannot work stays up, for its evidence and against boot loops. */
  hold: v.optional(Duration, '20m'),
};

export const Context = v.strictObject({
  ...shared,
  receiver: v.optional(Receiver),
  identity: v.optional(Identity, {}),
  cvmfs: v.optional(Cvmfs),
  proxy: v.optional(SystemProxy),
  scratch: v.optional(v.strictObject({ path: v.optional(AbsolutePath, '/scratch') }), {}),
  credentials: v.optional(
    v.pipe(v.array(Credential, 'a list of credentials'), v.maxLength(32)),
    [],
  ),
  features: v.optional(Features, {}),
  hooks: v.optional(Hooks, {}),
  checks: v.optional(Checks, {}),
  users: v.optional(Users, {}),
  pilots: v.optional(Pilots),
  glidein: v.optional(Glidein),
  ending: v.optional(Ending, {}),
  policies: v.optional(Policies, {}),
  monitor: v.optional(Monitor, {}),
});
export type Context = v.InferOutput<typeof Context>;

/** What is read from `00-receiver.yaml` alone, so that a VM whose context is broken can still say so. */
export const Lifeline = v.strictObject({
  ...shared,
  receiver: v.optional(Receiver),
  identity: v.optional(Identity, {}),
});
export type Lifeline = v.InferOutput<typeof Lifeline>;

/** What holds while nothing is known yet. */
export const DEFAULT_CONTEXT: Context = v.parse(Context, { version: 1 });
