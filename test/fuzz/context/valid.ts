import fc from 'fast-check';

/** Contexts that are valid, key by key as the schema has them. */

const label = fc.oneof(
  { weight: 9, arbitrary: fc.stringMatching(/^[A-Za-z0-9 ._äß-]{1,20}$/) },
  fc.constantFrom(`\${vm.zone}`, `S-\${vm.lifeCycle:-none}`, `$\${vm.x}`, `\${HOME}`),
);
const minutes = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map(count => `${count}m`);
const host = fc.constantFrom('squid.example.org:3128', 'a', '10.0.0.1:80', '[2001:db8::1]:3128');
const some = <T>(of: Record<string, fc.Arbitrary<T>>) => fc.record(of, { requiredKeys: [] });

const proxies = fc
  .array(
    fc.oneof(
      host.map(at => `http://${at}`),
      fc.constant('DIRECT'),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .chain(parts => fc.constantFrom('|', ';').map(by => parts.join(by)));

const cvmfs = fc.record({
  repositories: fc.array(fc.constantFrom('atlas.cern.ch', 'grid.cern.ch', 'vo.example.org'), {
    minLength: 1,
    maxLength: 4,
  }),
  proxies,
});

const credential = fc.record(
  {
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
    content: fc.string({ minLength: 1, maxLength: 200 }),
    variable: fc.constantFrom('X509_USER_PROXY', 'BEARER_TOKEN_FILE'),
  },
  { requiredKeys: ['name', 'content'] },
);

const pilots = fc.record(
  {
    kind: fc.constant('command'),
    command: fc
      .array(
        fc.string({ maxLength: 20 }).map(text => text.replaceAll('\0', '')),
        { maxLength: 4 },
      )
      .map(args => ['/bin/pilot', ...args]),
    environment: fc.dictionary(
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/),
      fc.stringMatching(/^[ -~]{0,20}$/),
      { maxKeys: 4 },
    ),
    slots: fc.constantFrom('per-core', 'whole-node', 'pool'),
    memoryMbPerSlot: fc.integer({ min: 16, max: 2000 }),
    reserve: some({ cores: fc.integer({ min: 0, max: 3 }), memoryMb: fc.nat(1000) }),
    threads: fc.constantFrom('count', 'ignore'),
    gpus: fc.constantFrom('one-per-slot', 'none'),
    restart: fc.constantFrom('always', 'on-failure', 'never'),
  },
  { requiredKeys: ['kind', 'command'] },
);

const mode = fc.constantFrom('enforce', 'observe');
const policies = some<unknown>({
  lifetime: fc.record({
    max: minutes(1000, 5000),
    payload: minutes(1, 500),
    spread: minutes(0, 400),
  }),
  zeroLoad: fc.oneof(fc.constant(false), fc.record({ window: minutes(1, 60), mode })),
  noPayloads: fc.oneof(fc.constant(false), fc.record({ minimumAge: minutes(1, 60), mode })),
  billing: fc.record({ period: minutes(10, 60), margin: minutes(1, 9) }),
  lostReceiver: fc.oneof(
    fc.record({ mode }),
    fc.record({ lease: minutes(60, 5000), drainBefore: minutes(0, 59) }),
  ),
  sickNode: fc.oneof(fc.constant(false), fc.record({ after: minutes(0, 60), mode })),
  credentialExpiry: fc.oneof(fc.constant(false), fc.record({ mode })),
  downtime: fc.record({ mode }),
});

/** A context as data; to be written as JSON or YAML. */
export const validContext: fc.Arbitrary<Record<string, unknown>> = some<unknown>({
  hold: minutes(0, 600),
  identity: some({ site: label, endpoint: label, vo: label, image: label }),
  cvmfs,
  proxy: fc.record({ http: host.map(at => `http://${at}`) }),
  credentials: fc.uniqueArray(credential, { maxLength: 4, selector: ({ name }) => name }),
  users: some({ prefix: fc.constantFrom('plt', 'a-b'), group: fc.constantFrom('pilots', '_x') }),
  scratch: fc.record({ path: fc.constantFrom('/scratch', '/mnt/data-1') }),
  pilots,
  policies,
  monitor: fc.record({ tick: minutes(1, 5) }),
  'x-own': fc.jsonValue({ maxDepth: 3 }),
}).map(rest => ({ version: 1, ...rest }));
