import fc from 'fast-check';

/** Texts that mean something, for the patterns that take them. */
const WORDS = [
  '90s 20m 48h 1h30m 0s 2000-01-01 0 17 20%',
  'atlas.cern.ch grid.cern.ch squid.example.org localhost 10.0.0.1 2001:db8::1 wn-17',
  'http://squid.example.org:3128 https://receiver.example.org:8443/x http://[2001:db8::1]:80',
  'DIRECT http://a:3128|http://b:3128;DIRECT http://stratum1.example.org/cvmfs/@fqrn@',
  '/etc/pilotage/site.yaml /scratch /mnt/data-1 /var/lib/cvmfs /scratch/cvmfs /bin/true /dev/vdb a/b Europe/Zurich',
  'https://example.org/cvmfs-release.noarch.rpm http://wpad/wpad.dat file:///etc/wpad.dat auto cvmfs /cvmfs/grid.cern.ch/ca',
  'plt pilots X509_USER_PROXY pilot-token user.max_user_namespaces',
  `\${vm.cores} \${vm.memoryMb:-2000}`,
].flatMap(line => line.split(' '));
const PEM = ['CERTIFICATE', 'PUBLIC KEY', 'PGP PUBLIC KEY BLOCK'].map(
  what => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----\n`,
);
const PLAUSIBLE: readonly string[] = [...WORDS, ...PEM];

/** The published schema takes any text with a reference, since what comes out of it is not known. */
const WITH_REFERENCE = /^\\\$\\\{vm\\\.\|\(\?:(.*)\)$/s;
const REFERENCES = [`\${vm.zone}`, `\${vm.cores}m`, `a-\${vm.localIp}.example.org`, `/\${vm.x:-b}`];

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
export const matching = (published: string): fc.Arbitrary<string> => {
  const inner = WITH_REFERENCE.exec(published)?.[1];
  const pattern = inner ?? published;
  const whole = new RegExp(pattern, 'u');
  const loose = new RegExp(withoutLookaheads(pattern), 'u');
  const any = fc.stringMatching(loose, { size: 'xsmall' }).filter(text => whole.test(text));
  const taken = PLAUSIBLE.filter(text => whole.test(text));
  // What takes all of them is a program with its arguments, and has to begin with a path.
  const plausible =
    taken.length === PLAUSIBLE.length ? taken.filter(text => text.startsWith('/')) : taken;
  return fc.oneof(
    { weight: 9, arbitrary: plausible.length === 0 ? any : fc.constantFrom(...plausible) },
    { weight: 3, arbitrary: any },
    { weight: inner === undefined ? 0 : 1, arbitrary: fc.constantFrom(...REFERENCES) },
  );
};
