import { describe, expect, test } from 'vitest';
import { glideinwmsKind } from '../../../../../agent/pilot/kinds/glideinwms.ts';
import type { Command, Download, LaunchFile } from '../../../../../agent/pilot/kinds/kind.ts';
import type { Outcome } from '../../../../../agent/pilot/outcome.ts';
import { parseExit, type UnitExit } from '../../../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import { failureOf } from './glidein-results.ts';
import { runOf } from './runs.ts';

const WEBBASE = 'http://factory.example.org:8319/factory/stage';
const GLIDEIN = {
  webbase: `${WEBBASE}/`,
  args: ['-v', 'std', '-param_GLIDEIN_CPUS', '2'],
  proxyFile: 'pilot_proxy',
  tokenFile: 'credential_frontend.idtoken',
};
const glideinOf = (pilots: object = {}, rest: object = { glidein: GLIDEIN }) =>
  runOf('glideinwms', pilots, rest);

const wordsOf = (run: ReturnType<typeof glideinOf>): readonly string[] =>
  glideinwmsKind.launch(run).command.slice(4);
const wordsAfter = (words: readonly string[], option: string): (string | undefined)[] =>
  words.flatMap((word, at) => (word === option ? [words[at + 1]] : []));
const fileOf = (run: ReturnType<typeof glideinOf>, path: string): LaunchFile | undefined =>
  glideinwmsKind.launch(run).files.find(file => file.path === path);
const downloadOf = (run: ReturnType<typeof glideinOf>): Download => {
  const content = fileOf(run, '/run/pilotage/pilots/00-1/glidein_startup.sh')?.content;
  return typeof content === 'object' && 'download' in content
    ? content.download
    : expect.fail('nothing is downloaded');
};

describe('what a glidein is begun with', () => {
  test('the arguments of the factory, then what this VM knows better', () => {
    expect(wordsOf(glideinOf({ args: ['-param_X', 'y'] }))).toEqual([
      // For the shell: its folder, its end, no other bound, the least there must be, its token.
      ...['/run/pilotage/pilots/00-1', '2000000000', '0', '1220', 'credential_frontend.idtoken'],
      ...['-v', 'std', '-param_GLIDEIN_CPUS', '2', '-param_X', 'y', '-web', WEBBASE],
      ...['-param_GLIDEIN_MaxMemMBs', '3800', '-param_GLIDEIN_Graceful_Shutdown', '120'],
      ...['-dir', '.'],
    ]);
  });

  test('the cores and memory of its slot, where the factory says nothing', () => {
    const words = wordsOf(glideinOf({ webbase: WEBBASE, slots: 'per-core' }, {}));
    expect(wordsAfter(words, '-param_GLIDEIN_CPUS')).toEqual(['1']);
    expect(wordsAfter(words, '-param_GLIDEIN_MaxMemMBs')).toEqual(['950']);
  });

  test.each([
    ['that the factory sets', ['-param_GLIDEIN_Max_Walltime', '7200'], '7200'],
    [
      'of several the last',
      ['-param_GLIDEIN_Max_Walltime', '1', '-param_GLIDEIN_Max_Walltime', '9'],
      '9',
    ],
    ['that is none', ['-param_GLIDEIN_Max_Walltime', 'long'], '0'],
  ])('a longest wall time %s', (_, args, most) => {
    expect(wordsOf(glideinOf({ args }))[2]).toBe(most);
  });

  test('its grace, before which it is hurried', () => {
    const run = glideinOf({ vacate: '5m' });
    expect(wordsAfter(wordsOf(run), '-param_GLIDEIN_Graceful_Shutdown')).toEqual(['300']);
    expect(glideinwmsKind.tell?.hurryMs(run.pilots)).toBe(315_000);
  });

  test.each([
    ['pilot_proxy', { copyOf: '/run/pilotage/credentials/plt00/pilot_proxy' }],
    [
      'credential_frontend.idtoken',
      { copyOf: '/run/pilotage/credentials/plt00/credential_frontend.idtoken' },
    ],
  ])('the slot user its own copy of %s in memory, kept fresh', (name, content) => {
    expect(fileOf(glideinOf(), `/run/pilotage/pilots/00-1/${name}`)).toEqual({
      ...{ path: `/run/pilotage/pilots/00-1/${name}`, mode: 0o600, owner: 'pilot', content },
    });
  });

  test('its proxy by X509_USER_PROXY, and its token under the name that it looks for', () => {
    const run = glideinOf({ proxy: 'p', token: 'tok' });
    expect(glideinwmsKind.launch(run).environment).toEqual({
      X509_USER_PROXY: '/run/pilotage/pilots/00-1/pilot_proxy',
    });
    expect(wordsOf(run)[4]).toBe('credential_tok.idtoken');
    expect(fileOf(run, '/run/pilotage/pilots/00-1/credential_tok.idtoken')?.content).toEqual({
      copyOf: '/run/pilotage/credentials/plt00/tok',
    });
  });

  test('no credential that nobody named', () => {
    const run = glideinOf({ webbase: WEBBASE }, {});
    expect(glideinwmsKind.launch(run).files).toHaveLength(1);
    expect(glideinwmsKind.launch(run).environment).toEqual({});
    expect(wordsOf(run)[4]).toBe('');
  });

  test('its script, which has to be one, within bounds', () => {
    const sha1 = 'a'.repeat(40);
    expect(downloadOf(glideinOf({ sha1, downloadTime: '1m' }))).toEqual({
      ...{ url: `${WEBBASE}/glidein_startup.sh`, begins: '#!', maxBytes: 4_194_304 },
      ...{ timeoutMs: 60_000, sha1, sha256: undefined, proxy: undefined },
    });
  });

  test.each([
    [[], 'http://squid.example.org:3128'],
    [['other.example.org'], 'http://squid.example.org:3128'],
    [['factory.example.org'], undefined],
    [['.example.org'], undefined],
    [['example.org'], undefined],
  ])('by the web proxy, but for %j', (noProxy, proxy) => {
    const http = 'http://squid.example.org:3128';
    const run = glideinOf({}, { glidein: GLIDEIN, proxy: { http, noProxy } });
    expect(downloadOf(run).proxy).toBe(proxy);
  });
});

describe('what a glidein is doing', () => {
  const parse = glideinwmsKind.question(glideinOf()).ask?.parse ?? expect.fail('it is not asked');

  test.each<[string, ReturnType<typeof parse>]>([
    ['', { ready: false, payloads: NO_DATA }],
    ['begins\n', { ready: false, payloads: NO_DATA }],
    ['startd 0 0 0 0\n', { payloads: NO_DATA, payloadsStarted: 0 }],
    [
      'startd 1 0 0 0\n',
      { ready: true, payloads: measured(0), payloadsStarted: 0, draining: false },
    ],
    [
      'startd 1 3 7 0\n',
      { ready: true, payloads: measured(3), payloadsStarted: 7, draining: false },
    ],
    [
      'startd 1 1 7 1\n',
      { ready: true, payloads: measured(1), payloadsStarted: 7, draining: true },
    ],
    [
      'startd 1 0 7 1\n',
      { ready: false, payloads: measured(0), payloadsStarted: 7, draining: true },
    ],
    [
      'startd 1 1 2 1\nstartd 1 0 3 1\n',
      { ready: true, payloads: measured(1), payloadsStarted: 5, draining: true },
    ],
    [
      'startd 1 0 2 1\nbegins\n',
      { ready: true, payloads: measured(0), payloadsStarted: 2, draining: true },
    ],
    ['startd 1 0\n', { payloads: FAILED }],
    ['sh: something is wrong\n', { payloads: FAILED }],
  ])('%j', (output, answer) => {
    expect(parse(output)).toEqual(answer);
  });

  test('is asked of its own folder, as its own user', () => {
    const command = glideinwmsKind.question(glideinOf()).ask?.command;
    expect(command).toMatchObject({ program: '/bin/sh', user: 'pilot' });
    expect(command?.args.at(-1)).toBe('/scratch/plt00/glidein-1');
  });

  test('and how it ended, of its standard output', () => {
    const { end } = glideinwmsKind.question(glideinOf());
    expect(end?.file).toBe('/var/log/pilotage/00-1.out');
    expect(end?.read(failureOf('a.sh', 'Network', 'x'))).toMatchObject({
      end: { outcome: 'transient' },
    });
  });
});

describe('a glidein that is told', () => {
  const told = (steps: readonly { do: string; command?: Command }[] | undefined) =>
    steps?.map(({ command }) => ({ user: command?.user, last: command?.args.at(-1) }));

  test('of a drain, as its own user', () => {
    const steps = glideinwmsKind.tell?.drain(glideinOf(), { untilS: 1234, reason: "it's" });
    expect(told(steps)).toEqual([{ user: 'pilot', last: '1234' }]);
  });

  test.each(['undrain', 'hurry'] as const)('%s', what => {
    expect(told(glideinwmsKind.tell?.[what](glideinOf(), 1000))).toEqual([
      { user: 'pilot', last: '/run/pilotage/pilots/00-1' },
    ]);
  });
});

const startFailed = (status: string): UnitExit => ({
  ...{ result: 'start-failed', code: 'failed', status },
});

describe('the end of a glidein', () => {
  test.each<[string, UnitExit | string, object, Outcome]>([
    ['with jobs', 'success exited 0', { payloadsStarted: 3 }, 'work-done'],
    ['without jobs', 'success exited 0', { payloadsStarted: 0 }, 'nothing-to-do'],
    ['of which nothing is known', 'success exited 0', {}, 'work-done'],
    ['for want of time', 'success exited 0', { said: '300 no time' }, 'nothing-to-do'],
    ['by a check', 'exit-code exited 1', { end: { outcome: 'bad-node' } }, 'bad-node'],
    ['whose arguments it refused', 'exit-code exited 1', {}, 'site-problem'],
    ['by condor', 'exit-code exited 44', {}, 'transient'],
    ['that could not begin', 'exit-code exited 126', {}, 'bad-node'],
    ['without bash', 'exit-code exited 127', {}, 'bad-node'],
    ['by a signal', 'signal killed 9', {}, 'transient'],
    ['for want of memory', 'oom-kill killed 9', { end: { outcome: 'bad-node' } }, 'transient'],
    ['before it began: no answer', startFailed('http-failed'), {}, 'transient'],
    ['before it began: no answer in time', startFailed('http-timeout'), {}, 'transient'],
    ['before it began: no such page', startFailed('http-refused'), {}, 'site-problem'],
    ['before it began: another file', startFailed('reply-invalid'), {}, 'site-problem'],
    ['before it began: another server', startFailed('http-untrusted'), {}, 'site-problem'],
    ['before it began', startFailed('-'), {}, 'transient'],
  ])('%s', (_, exit, last, outcome) => {
    expect(
      glideinwmsKind.classify(
        {
          exit: typeof exit === 'string' ? parseExit(exit) : exit,
          ranMs: 60_000,
          last: { payloads: NO_DATA, ...last },
        },
        glideinOf().pilots,
      ),
    ).toBe(outcome);
  });
});
