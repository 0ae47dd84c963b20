import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findResult, readGlideinEnd } from '../../../../../agent/pilot/kinds/glideinwms-result.ts';
import type { Outcome } from '../../../../../agent/pilot/outcome.ts';
import { failureOf, resultOf } from './glidein-results.ts';

describe('the result of a glidein', () => {
  test.each<[string, string, string, Outcome]>([
    ['setup_x509.sh', 'WN_Resource', 'Could not find grid-certificates!', 'bad-node'],
    ['main/validate_node.sh', 'WN_RESOURCE', 'Space on /tmp not at least 10M.', 'bad-node'],
    ['check_blacklist.sh', 'WN_Resource', "My name 'x' is in blacklist!", 'banned'],
    ['check_proxy.sh', 'VO_Proxy', 'Proxy not valid in 12 hours', 'site-problem'],
    ['condor_startup.sh', 'Config', 'Retire time still too low (12), aborting', 'site-problem'],
    ['client/test.sh', 'VO_Config', 'An attribute is missing', 'site-problem'],
    ['client/data.sh', 'VO_Data', 'The data is not there', 'site-problem'],
    ['client/soft.sh', 'VO_Software', 'The software is not there', 'site-problem'],
    ['wget', 'Network', "Failed to load file 'a' from 'http://b'.", 'transient'],
    ['check_file_signature', 'Corruption', 'File x is corrupted.', 'transient'],
    ['condor_startup.sh', 'Unknown', 'See Condor logs for details', 'transient'],
  ])('of %s with %s, %s, means %4$s', (script, failure, words, outcome) => {
    expect(readGlideinEnd(`noise\n${failureOf(script, failure, words)}`)).toEqual({
      end: { outcome, why: `${script}: ${failure}: ${words}` },
    });
  });

  test('is one line of bounded length, whatever its words are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), words => {
        const why = readGlideinEnd(failureOf('x.sh', 'Network', words)).end?.why ?? '';
        expect(why).toMatch(/^[ -~]{1,250}$/);
      }),
    );
  });

  test('is the last one, where several glideins ran in one pilot', () => {
    const both = `${failureOf('a.sh', 'Network', 'a')}${resultOf({ status: 'OK' })}`;
    expect(findResult(both)).toMatchObject({ status: 'OK' });
  });

  test.each([
    ['nothing', ''],
    ['half of it', failureOf('a.sh', 'Network', 'a').slice(0, -60)],
    ['no status', resultOf({ status: 'OK' }).replace('<status>OK</status>', '')],
    ['another mark', resultOf({ status: 'OK' }).replaceAll('===', '==')],
  ])('is not made up of %s', (_, text) => {
    expect(findResult(text)).toBeUndefined();
    expect(readGlideinEnd(text)).toEqual({});
  });

  test.each<[string, string, number | undefined]>([
    ['activations', 'Total number of activations/claims: 7\n', 7],
    [
      'those of each glidein',
      'Total number of activations/claims: 2\nTotal number of activations/claims: 0\n',
      2,
    ],
    ['its count of jobs', resultOf({ status: 'OK', metrics: { TotalJobsNr: '0.25' } }), 1],
    ['a count of none', resultOf({ status: 'OK', metrics: { TotalJobsNr: '0' } }), 0],
    ['no count', resultOf({ status: 'OK', metrics: { TotalJobsNr: 'many' } }), undefined],
  ])('tells the jobs that were started by %s', (_, text, started) => {
    expect(readGlideinEnd(text).payloadsStarted).toBe(started);
  });

  test('costs little on what is none, whatever it is', () => {
    const hostile = '=== XML description of glidein activity ===\n'.repeat(1400);
    const before = performance.now();
    expect(readGlideinEnd(hostile)).toEqual({});
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
