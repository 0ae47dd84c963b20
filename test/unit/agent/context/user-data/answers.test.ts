import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { interpret } from '../../../../../agent/context/user-data/answers.ts';
import { parseAnswersFile } from '../../../../../agent/context/user-data/answers-file.ts';
import { joinAnswers } from '../../../../../agent/context/user-data/join-answers.ts';
import { QUESTION_NAMES } from '../../../../../agent/context/user-data/words.ts';

describe('an answer', () => {
  test.each([
    ['site', 'A', { identity: { site: 'A' } }],
    [
      'repositories',
      'atlas.cern.ch , grid.cern.ch',
      { cvmfs: { repositories: ['atlas.cern.ch', 'grid.cern.ch'] } },
    ],
    ['repositories', ['atlas.cern.ch'], { cvmfs: { repositories: ['atlas.cern.ch'] } }],
    ['command', '/bin/p  -q x', { pilots: { kind: 'command', command: ['/bin/p', '-q', 'x'] } }],
    ['command', ['/bin/p', 'a "b"'], { pilots: { kind: 'command', command: ['/bin/p', 'a "b"'] } }],
    ['lifetime', '4h', { policies: { lifetime: { max: '4h', payload: '2h', spread: '1200s' } } }],
    ['lifetime', '7d', { policies: { lifetime: { max: '168h', payload: '6h', spread: '1h' } } }],
    [
      'pilot-token-file',
      'abc',
      { credentials: [{ name: 'pilot-token', variable: 'BEARER_TOKEN_FILE', content: 'abc' }] },
    ],
  ] as const)('%s: %j becomes %j', (name, answer, piece) => {
    expect(interpret(name, answer)).toEqual({ piece });
  });

  test.each([
    ['repositories', 'atlas', /fully qualified/],
    ['proxies', 'http://a; rm -rf /', /CVMFS proxy string/],
    ['command', 'bin/p', /absolute path/],
    ['command', "/bin/sh -c 'true'", /without quotes/],
    ['command', '', /at least the program/],
    ['lifetime', '4', /a duration with a unit/],
    ['receiver-pin', 'sha256//x', /base64 of the SHA-256/],
    ['receiver-ca-file', 'not PEM', /PEM/],
    ['site', ['a', 'b'], /a short printable text/],
    ['enrolment-secret-file', '', /not empty/],
  ] as const)('%s: %j is refused', (name, answer, remedy) => {
    expect(interpret(name, answer)).toEqual({ remedy: expect.stringMatching(remedy) });
  });

  test.each(QUESTION_NAMES)('%s has a meaning, and no control character gets through', name => {
    if (!/file$/.test(name)) expect(interpret(name, 'a\u0007b')).toHaveProperty('remedy');
  });
});

test('credentials of other names stay', () => {
  const before = { credentials: [{ name: 'a' }, { name: 'pilot-token', content: 'old' }] };
  const { text } = joinAnswers(
    [{ credentials: [{ name: 'pilot-token', content: 'new' }] }],
    before,
  );
  expect(parse(text)).toEqual({
    version: 1,
    credentials: [{ name: 'a' }, { name: 'pilot-token', content: 'new' }],
  });
});

describe('a file of answers', () => {
  test('has the names of the options as keys', () => {
    const { settings, answers, placeOf } = parseAnswersFile(
      'a.yaml',
      'cloud: ec2\ncontext: [x.yaml]\nsite: A\ncommand:\n  - /bin/p\n  - with blank\n',
    );
    expect(settings).toEqual({ cloud: 'ec2', context: ['x.yaml'] });
    expect([...answers]).toEqual([
      ['site', 'A'],
      ['command', ['/bin/p', 'with blank']],
    ]);
    expect(placeOf('site')).toEqual({ file: 'a.yaml', line: 3, key: 'site' });
  });

  test.each([
    ['site: A\nsitte: B', 'a.yaml:2: sitte: unknown key; remedy: did you mean site?'],
    ['cloud: aws', 'a.yaml:1: cloud: not understood; remedy: one of: ec2, openstack,'],
    ['\nsite: 12', 'a.yaml:2: site: not understood; remedy: a text, in quotes if'],
    ['site: [', 'a.yaml:1: not YAML'],
    ['- site', 'a.yaml:1: not an object of keys and values'],
    ['output: x', 'a.yaml:1: output: unknown key'],
  ])('%j is refused', (text, why) => {
    expect(() => parseAnswersFile('a.yaml', text)).toThrow(why);
  });
});
