import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseContext, parseLifeline } from '../../../../agent/context/parse.ts';
import { describeProblem, type Problem } from '../../../../agent/context/problem.ts';
import { isPilotageError } from '../../../../platform/errors.ts';

const parse = (...texts: string[]) =>
  parseContext(texts.map((text, index) => ({ name: `${index}.yaml`, text }))).context;

/** The problems of a context, as people read them. */
const problemsOf = (...texts: string[]): string[] => {
  try {
    parse(...texts);
    return [];
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return (error.context.problems as Problem[]).map(describeProblem);
  }
};

describe('a context', () => {
  test('needs no more than its version', () => {
    expect(parse('version: 1').policies.lifetime.max).toBe(48 * 3_600_000);
  });

  test('is merged from files in order: objects by key, lists as a whole, null removes (RFC 7396)', () => {
    const context = parse(
      'version: 1\ncvmfs: {repositories: [a.example.org, b.example.org], proxies: DIRECT}\nidentity: {site: S, vo: V}',
      'version: 1\ncvmfs: {repositories: [c.example.org]}\nidentity: {vo: null}',
    );
    expect(context.cvmfs?.repositories).toEqual(['c.example.org']);
    expect(context.cvmfs?.proxies).toBe('DIRECT');
    expect(context.identity).toEqual({ site: 'S' });
  });

  test('may be JSON', () => {
    expect(parse('{"version": 1, "hold": "90s"}').hold).toBe(90_000);
  });

  test('keeps keys that begin with x- for the operator', () => {
    expect(problemsOf('version: 1\nx-team: {note: 1}\nidentity: {x-rack: 7}')).toEqual([]);
  });

  test('can switch off what is optional, but never the life time', () => {
    expect(parse('version: 1\npolicies: {zeroLoad: false}').policies.zeroLoad).toBe(false);
    expect(problemsOf('version: 1\npolicies: {lifetime: false}')).not.toEqual([]);
  });
});

describe('what is wrong with a context is told with file, line, key and remedy', () => {
  test.each([
    ['a: 1', '0.yaml:1: version: missing; remedy: begin every file with version: 1'],
    ['version: 2', '0.yaml:1: version: not understood; remedy: version: 1'],
    [
      'version: 1\npilot: {}',
      '0.yaml:2: pilot: unknown key; remedy: did you mean pilots? (your own keys begin with x-)',
    ],
    [
      'version: 1\npolicies:\n  zeroLoad:\n    window: 10',
      '0.yaml:4: policies.zeroLoad.window: not understood; remedy: a duration with a unit, such as 90s, 20m or 48h',
    ],
    [
      'version: 1\npolicies:\n  lifetime: {max: 1h, payload: 2h}',
      '0.yaml:3: policies.lifetime: not understood; remedy: payload and spread together are shorter than max',
    ],
    [
      'version: 1\nreceiver: {url: "http://r.example.org", enrolmentSecret: s}',
      '0.yaml:2: receiver: not understood; remedy: plain HTTP beyond this machine needs allowPlainHttp: true',
    ],
    [
      'version: 1\npilots: {kind: command, command: [/bin/true], slots: fixed}',
      '0.yaml:2: pilots.coresPerSlot: not understood; remedy: given with slots: fixed, and only then',
    ],
    [
      'version: 1\nversion: 1',
      '0.yaml:2: not YAML: Map keys must be unique; remedy: keep one of them',
    ],
    ['- 1', '0.yaml:1: not an object of keys and values; remedy: begin with version: 1'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('the file that decided is the one that is named', () => {
    expect(problemsOf('version: 1\nhold: 5m', 'version: 1\n\nhold: soon')[0]).toMatch(
      /^1\.yaml:3: hold: /,
    );
  });

  test('all problems at once', () => {
    expect(problemsOf('version: 1\nhold: x\nmonitor: {tick: y}')).toHaveLength(2);
  });

  test.each([
    [
      'an alias bomb',
      `version: 1\na: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefghij'
        .split('')
        .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)
        .join('\n')}`,
    ],
    ['deep nesting', `version: 1\nx-a: ${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['too much text', `version: 1\nx-a: ${'y'.repeat(300_000)}`],
  ])('%s is refused', (_what, text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });
});

describe('nothing that a shell or a configuration file would act on gets through', () => {
  const hostile = ["a'b", 'a"b', 'a`b`', 'a$(b)', 'a\nb', 'a;b c', '../../etc', 'a\0b'];
  const fields: [string, (value: string) => object][] = [
    ['a repository', value => ({ cvmfs: { repositories: [value], proxies: 'DIRECT' } })],
    ['a CVMFS proxy', value => ({ cvmfs: { repositories: ['a.cern.ch'], proxies: value } })],
    ['a web proxy', value => ({ proxy: { http: `http://${value}` } })],
    ['a host without proxy', value => ({ proxy: { http: 'http://a', noProxy: [value] } })],
    [
      'a cache folder',
      value => ({ cvmfs: { repositories: ['a.cern.ch'], proxies: 'DIRECT', cache: `/${value}` } }),
    ],
    ['a scratch folder', value => ({ scratch: { path: `/${value}` } })],
    ['a user prefix', value => ({ users: { prefix: value } })],
    ['a group', value => ({ users: { group: value } })],
    ['a credential name', value => ({ credentials: [{ name: value, content: 'c' }] })],
    ['a variable', value => ({ credentials: [{ name: 'n', content: 'c', variable: value }] })],
  ];
  test.each(fields.flatMap(([what, build]) => hostile.map(value => [what, value, build] as const)))(
    '%s %j',
    (_what, value, build) => {
      expect(problemsOf(JSON.stringify({ version: 1, ...build(value) }))).not.toEqual([]);
    },
  );
});

test('any text is parsed or refused, and a refusal names its place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map(json => `version: 1\nx-y: ${json}`),
      ),
      text => {
        for (const problem of problemsOf(text)) expect(problem).toMatch(/^0\.yaml.*; remedy: /s);
      },
    ),
    { numRuns: 300 },
  );
});

describe('the lifeline', () => {
  test('is understood without the rest of the context', () => {
    const text =
      'version: 1\nhold: 2m\nreceiver: {url: "https://r.example.org:8443", enrolmentSecret: s}';
    const { lifeline } = parseLifeline({ name: '00-receiver.yaml', text });
    expect(lifeline).toMatchObject({
      hold: 120_000,
      receiver: { url: 'https://r.example.org:8443' },
    });
  });
});
