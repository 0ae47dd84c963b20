import fc from 'fast-check';

/** Texts that mean something, for the patterns that take them. */
const PLAUSIBLE: readonly string[] = [
  ...['90s', '20m', '48h', '1h30m', '0s'],
  ...['atlas.cern.ch', 'grid.cern.ch', 'squid.example.org', 'localhost', '10.0.0.1', 'wn-17'],
  ...[
    'http://squid.example.org:3128',
    'https://receiver.example.org:8443',
    'http://[2001:db8::1]:80',
  ],
  ...['DIRECT', 'http://a:3128|http://b:3128;DIRECT', 'http://stratum1.example.org/cvmfs/@fqrn@'],
  ...['/scratch', '/mnt/data-1', '/var/lib/cvmfs', '/bin/true', '/dev/vdb', 'a/b'],
  ...[
    'plt',
    'pilots',
    'X509_USER_PROXY',
    'pilot-token',
    'Europe/Zurich',
    'user.max_user_namespaces',
  ],
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n',
];

/** A pattern without its assertions of what follows, which the generator of texts does not know. */
export const withoutLookaheads = (pattern: string): string => {
  const at = pattern.search(/\(\?[=!]/);
  if (at < 0) return pattern;
  let depth = 0;
  let inClass = false;
  for (let end = at; end < pattern.length; end += 1) {
    const char = pattern[end];
    if (char === '\\') end += 1;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth === 0) return withoutLookaheads(pattern.slice(0, at) + pattern.slice(end + 1));
  }
  throw new Error(`an assertion of ${pattern} has no end`);
};

/** Texts of a pattern: those that people might write, and what nobody would. */
export const matching = (pattern: string): fc.Arbitrary<string> => {
  const whole = new RegExp(pattern, 'u');
  const loose = new RegExp(withoutLookaheads(pattern), 'u');
  const any = fc.stringMatching(loose, { size: 'xsmall' }).filter(text => whole.test(text));
  const plausible = PLAUSIBLE.filter(text => whole.test(text));
  if (plausible.length === 0) return any;
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...plausible) },
    { weight: 1, arbitrary: any },
  );
};
