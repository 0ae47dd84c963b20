import { describe, expect, test } from 'vitest';
import { nearestPath } from '../../../shoal-client/ask.ts';
import { parseOptions } from '../../../shoal-client/options.ts';

const parse = (...argv: string[]) => parseOptions(argv, '1.2.3');
const server = ['--server', 'http://shoal.example.org'];

describe('parseOptions', () => {
  test('has defaults', async () => {
    expect(await parse(...server)).toEqual({
      kind: 'discover',
      options: {
        server: new URL('http://shoal.example.org'),
        count: 2,
        json: false,
        timeoutMs: 5000,
      },
    });
  });

  test('takes the flags of the stock client and our own', async () => {
    const flags = ['-n', '4', '-d', 'DIRECT', '--json', '--timeout', '500ms'];
    expect(await parse('-s', 'https://shoal.example.org:8443/x', ...flags)).toEqual({
      kind: 'discover',
      options: {
        server: new URL('https://shoal.example.org:8443/x'),
        count: 4,
        defaultProxies: 'DIRECT',
        json: true,
        timeoutMs: 500,
      },
    });
  });

  test('an empty default is none', async () => {
    expect(await parse(...server, '-d', '')).toEqual(await parse(...server));
  });

  test('prints its version and its help', async () => {
    expect(await parse('--version')).toEqual({ kind: 'print', text: 'shoal-client 1.2.3' });
    for (const flag of ['--help', '-h'])
      expect(await parse(flag)).toEqual({
        kind: 'print',
        text: expect.stringMatching(/--server.*--default.*--timeout/s),
      });
  });

  test.each([
    [[], 'Which Shoal server?'],
    [['-s'], 'Not enough arguments'],
    [['-s', 'shoal.example.org'], 'http://shoal.example.org'],
    [['-s', 'ftp://shoal.example.org'], 'must be a URL'],
    [[...server, ...server], 'only once'],
    [[...server, '-n', '0'], 'from 1 to 100'],
    [[...server, '-n', '101'], 'from 1 to 100'],
    [[...server, '-n', '2x'], 'not 2x'],
    [[...server, '-n', '-1'], 'not -1'],
    [[...server, '--timeout', '5'], 'not 5'],
    [[...server, '--timeout', '0s'], 'not 0s'],
    [[...server, '--timeout', '11m'], 'at most 10m'],
    [[...server, '-d', 'a; b'], 'without spaces'],
    [[...server, '--bogus'], 'bogus'],
    [[...server, 'extra'], 'extra'],
  ])('refuses %j', async (argv, words) => {
    await expect(parse(...argv)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(words),
    });
  });
});

describe('nearestPath', () => {
  test.each([
    ['http://s', '/nearest/7'],
    ['http://s/', '/nearest/7'],
    ['http://s/shoal/', '/shoal/nearest/7'],
    ['http://s/nearest', '/nearest/7'],
    ['http://s/nearestcvmfs/', '/nearestcvmfs/7'],
    ['http://s/nearestconditions', '/nearestconditions/7'],
    ['http://s/x/nearestverified', '/x/nearestverified/7'],
    ['http://s/nearestother', '/nearestother/nearest/7'],
  ])('%s asks %s', (url, path) => expect(nearestPath(new URL(url), 2)).toBe(path));
});
