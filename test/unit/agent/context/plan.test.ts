import { describe, expect, test } from 'vitest';
import { type HookPaths, NO_HOOKS } from '../../../../agent/context/hook-paths.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import { planContext } from '../../../../agent/context/plan.ts';
import { redactStep, type Step } from '../../../../agent/context/step.ts';

const plan = (context: object, cores = 2, hooks: HookPaths = NO_HOOKS): Step[] =>
  planContext(
    parseContext([{ name: 'c', text: JSON.stringify({ version: 1, ...context }) }]).context,
    {
      instanceId: 'i-1',
      cores,
      memoryMb: 4000,
      hooks,
    },
  );
const pilots = { kind: 'command', command: ['/bin/pilot'] };

describe('the plan', () => {
  test('of an empty context publishes the machine features and nothing else', () => {
    expect(plan({}).map(({ id }) => id)).toEqual(['machine-features']);
  });

  test('makes users before it gives them folders and credentials', () => {
    const ids = plan({ pilots, credentials: [{ name: 'token', content: 'c' }] }).map(
      ({ id }) => id,
    );
    expect(ids).toEqual([
      'pilot-users',
      'scratch',
      'credential-plt00-token',
      'credential-plt01-token',
      'machine-features',
      'job-features-00',
      'job-features-01',
    ]);
  });

  test('runs hooks before and after everything else, each within its limit', () => {
    const hooks = { pre: ['/etc/pilotage/pre.d/10-a'], post: ['/etc/pilotage/post.d/90-z'] };
    const steps = plan({ hooks: { limit: '5s' } }, 2, hooks);
    expect(steps.map(({ id }) => id)).toEqual([
      'hook-pre-10-a',
      'machine-features',
      'hook-post-90-z',
    ]);
    expect(steps[0]).toMatchObject({ kind: 'hook', lasts: 'boot', limitMs: 5000 });
  });

  test('quotes what sh will read', () => {
    const step = plan({
      cvmfs: {
        repositories: ['a.cern.ch', 'b.cern.ch'],
        proxies: 'http://p:3128|http://q:3128;DIRECT',
      },
    }).find(({ kind }) => kind === 'cvmfs');
    expect(step).toMatchObject({
      files: [
        {
          path: '/etc/cvmfs/default.local',
          content: [
            '# Written by pilotage-agent from the context.',
            "CVMFS_REPOSITORIES='a.cern.ch,b.cern.ch'",
            'CVMFS_QUOTA_LIMIT=20000',
            "CVMFS_CACHE_BASE='/var/lib/cvmfs'",
            "CVMFS_HTTP_PROXY='http://p:3128|http://q:3128;DIRECT'",
            'CVMFS_CLIENT_PROFILE=custom',
            '',
          ].join('\n'),
        },
      ],
    });
  });

  test('tells each slot its share in Machine/Job Features', () => {
    const features = plan({ pilots, features: { hs06: 40 } }).filter(({ kind }) =>
      kind.endsWith('features'),
    );
    expect(features[0]).toMatchObject({ keys: { total_cpu: '2', hs06: '40' } });
    expect(features[1]).toMatchObject({
      folder: '/run/pilotage/jobfeatures/00',
      keys: { allocated_cpu: '1', hs06_job: '20', max_rss_bytes: String(1900 * 1024 * 1024) },
    });
  });

  test('tells no job of cores that are for the system, nor of threads that do not count', () => {
    const keysOf = (more: object) =>
      plan({ pilots: { ...pilots, slots: 'whole-node', ...more }, features: { hs06: 40 } }, 4)
        .filter(({ kind }) => kind.endsWith('features'))
        .map(step => ('keys' in step ? step.keys : {}));
    expect(keysOf({ reserve: { cores: 1, memoryMb: 1000 } })).toMatchObject([
      { total_cpu: '3', hs06: '40' },
      { allocated_cpu: '3', hs06_job: '30', max_rss_bytes: String(3000 * 1024 * 1024) },
    ]);
    expect(keysOf({ threads: 'ignore' })).toMatchObject([{ total_cpu: '4' }, {}]);
  });

  test('is the same for the same input', () => {
    expect(plan({ pilots })).toEqual(plan({ pilots }));
  });

  test('shown to people holds no secret', () => {
    const shown = plan({ pilots, credentials: [{ name: 'token', content: 'hush-hush' }] }).map(
      redactStep,
    );
    expect(JSON.stringify(shown)).not.toContain('hush');
    expect(shown[2]).toMatchObject({ content: '(secret, 9 characters)' });
  });
});
