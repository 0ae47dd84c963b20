import { describe, expect, test } from 'vitest';
import { planCvmfs } from '../../../../agent/context/planners/cvmfs.ts';
import { contextOf } from '../monitor/worlds.ts';

const KEY = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n';

const plan = (cvmfs: object, cvmfsVolumeMb = 1_000_000) => {
  const context = contextOf({
    cvmfs: { repositories: ['a.cern.ch'], proxies: 'http://p:3128', ...cvmfs },
  });
  const [step] = planCvmfs(context, { cvmfsVolumeMb });
  if (step?.kind !== 'cvmfs') expect.fail('no step');
  return { ...step, local: step.files[0]?.content ?? '' };
};

describe('the quota', () => {
  test.each([
    [100_000, 20_000, 0],
    [20_000, 15_000, 1],
    [2000, 1000, 1],
  ])('on a volume of %i MB is %i MB', (volumeMb, quotaMb, notices) => {
    const step = plan({ quotaMb: 20_000 }, volumeMb);
    expect(step.local).toContain(`CVMFS_QUOTA_LIMIT=${quotaMb}\n`);
    expect(step.notices).toHaveLength(notices);
  });
});

describe('DIRECT', () => {
  test('is kept from being stripped by the packaged fallback, and its load is told', () => {
    const step = plan({ proxies: 'http://p:3128;DIRECT' });
    expect(step.local).toContain('CVMFS_CLIENT_PROFILE=custom\n');
    expect(step.notices).toHaveLength(2);
  });

  test('with a content delivery network needs neither', () => {
    const step = plan({ proxies: 'http://p:3128;DIRECT', useCdn: true });
    expect(step.local).toContain('CVMFS_USE_CDN=yes\n');
    expect(step.local).not.toContain('CVMFS_CLIENT_PROFILE');
    expect(step.notices).toEqual([]);
  });

  test('leaves a profile as the context has it', () => {
    expect(plan({ proxies: 'DIRECT', clientProfile: 'single' }).local).toContain(
      'CVMFS_CLIENT_PROFILE=single\n',
    );
  });
});

test('an extra repository brings its key and its servers', () => {
  const servers = ['http://s1.example.org/cvmfs/@fqrn@', 'http://s2.example.org/cvmfs/@fqrn@'];
  const step = plan({ extraRepositories: [{ name: 'x.example.org', servers, publicKey: KEY }] });
  expect(step.local).toContain("CVMFS_REPOSITORIES='a.cern.ch,x.example.org'\n");
  expect(step.files.slice(1)).toEqual([
    { path: '/etc/cvmfs/keys/x.example.org.pub', content: KEY, mode: 0o644 },
    {
      path: '/etc/cvmfs/config.d/x.example.org.conf',
      content: [
        '# Written by pilotage-agent from the context.',
        `CVMFS_SERVER_URL='${servers.join(';')}'`,
        "CVMFS_PUBLIC_KEY='/etc/cvmfs/keys/x.example.org.pub'",
        '',
      ].join('\n'),
      mode: 0o644,
    },
  ]);
});

test.each([
  { servers: ["http://s/'; rm -rf /'"] },
  { publicKey: 'not a key' },
  { name: '../../etc/passwd' },
])('an extra repository with %j is refused', wrong => {
  const right = {
    name: 'x.example.org',
    servers: ['http://s1.example.org/cvmfs/@fqrn@'],
    publicKey: KEY,
  };
  expect(() => plan({ extraRepositories: [{ ...right, ...wrong }] })).toThrow(/extraRepositories/);
});
