import { describe, expect, test } from 'vitest';
import type { Layout } from '../../../../agent/context/layout.ts';
import { planCvmfs } from '../../../../agent/context/planners/cvmfs.ts';
import { contextOf } from '../monitor/worlds.ts';

const KEY = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n';

const steps = (cvmfs: object, layout?: Layout, more: object = {}, cvmfsVolumeMb = 1_000_000) =>
  planCvmfs(
    contextOf({
      cvmfs: { repositories: ['a.cern.ch'], proxies: 'http://p:3128', ...cvmfs },
      ...more,
    }),
    { cvmfsVolumeMb, ...(layout === undefined ? {} : { layout }) },
  );
const plan = (cvmfs: object, cvmfsVolumeMb = 1_000_000) => {
  const step = steps(cvmfs, undefined, {}, cvmfsVolumeMb).find(({ kind }) => kind === 'cvmfs');
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
  const LOAD = 'the Stratum 1 servers';
  const STRIPPED = 'strips DIRECT';
  const NETWORK = 'uses a content delivery network';

  // As common.conf of cvmfs-contrib/config-repo decides.
  test.each([
    ['http://p:3128', {}, undefined, []],
    ['http://p:3128;DIRECT', {}, 'custom', [LOAD, STRIPPED]],
    ['http://p:3128|DIRECT', {}, 'custom', [LOAD, STRIPPED]],
    ['http://p:3128;DIRECT', { useCdn: true }, undefined, []],
    ['http://p:3128;DIRECT', { useCdn: false }, 'custom', [LOAD, STRIPPED]],
    ['http://p:3128;DIRECT', { clientProfile: 'custom' }, 'custom', [LOAD]],
    ['http://p:3128;DIRECT', { clientProfile: 'single' }, 'single', [STRIPPED]],
    ['DIRECT', {}, undefined, [NETWORK]],
    ['auto;DIRECT', {}, undefined, [NETWORK]],
    ['DIRECT', { clientProfile: 'single' }, 'single', [NETWORK]],
    ['DIRECT', { useCdn: false }, 'custom', [LOAD, STRIPPED]],
    ['auto;DIRECT', { useCdn: true }, undefined, []],
  ])('in %s with %j', (proxies, more, profile, told) => {
    const { local, notices } = plan({ proxies, ...more });
    expect(/CVMFS_CLIENT_PROFILE=(.*)/.exec(local)?.[1]).toBe(profile);
    expect(notices).toEqual(told.map(words => expect.stringContaining(words)));
  });

  test.each([
    [undefined, undefined],
    [true, 'yes'],
    [false, 'no'],
  ])('useCdn %j is %j in the file', (useCdn, written) => {
    const { local } = plan(useCdn === undefined ? {} : { useCdn });
    expect(/CVMFS_USE_CDN=(.*)/.exec(local)?.[1]).toBe(written);
  });
});

describe('web proxy discovery', () => {
  test('looks where the WLCG says, in its order', () => {
    const { local, notices } = plan({ proxies: 'auto;http://squid:3128' });
    expect(local).toContain("CVMFS_HTTP_PROXY='auto;http://squid:3128'\n");
    expect(local).toContain(
      "CVMFS_PAC_URLS='http://grid-wpad/wpad.dat;http://wpad/wpad.dat;http://wlcg-wpad.cern.ch/wpad.dat;http://wlcg-wpad.fnal.gov/wpad.dat'\n",
    );
    expect(notices).toEqual([]);
  });

  test('looks elsewhere where told', () => {
    const pacUrls = ['http://pac.example.org:8080/wpad.dat', 'file:///etc/wpad.dat'];
    expect(plan({ proxies: 'auto', pacUrls })).toMatchObject({
      local: expect.stringContaining(`CVMFS_PAC_URLS='${pacUrls.join(';')}'\n`),
      notices: [expect.stringContaining('auto alone')],
    });
  });

  test('is asked of nobody without auto', () => {
    expect(plan({}).local).not.toContain('CVMFS_PAC_URLS');
  });

  test.each([
    { proxies: 'auto|http://p:3128' },
    { proxies: 'http://p:3128|auto;DIRECT' },
    { proxies: 'auto', pacUrls: [] },
    { proxies: 'auto', pacUrls: ["http://x/'"] },
    { proxies: 'auto', pacUrls: ['ftp://x/wpad.dat'] },
    { proxies: 'auto', pacUrls: ['http://x/a;http://y/b'] },
  ])('refuses %j', wrong => {
    expect(() => plan(wrong)).toThrow(/proxies|pacUrls/);
  });
});

describe('the cache', () => {
  test.each(['/scratch/cvmfs', '/mnt/data-1/cache.d/cvmfs', '/var/lib/cvmfs'])(
    'may be %s',
    cache => {
      expect(steps({ cache })).toContainEqual(
        expect.objectContaining({ kind: 'cvmfs-cache', path: cache }),
      );
      expect(plan({ cache }).local).toContain(`CVMFS_CACHE_BASE='${cache}'\n`);
    },
  );

  test.each([
    '/',
    '/scratch',
    '/scratch/',
    '/cvmfs/x',
    '/etc/cvmfs',
    '/run/x',
    '/a/../b',
    '/a/./b',
    '/a//b',
    "/a/b'",
    'a/b',
    '/a/..',
  ])('is never %j', cache => {
    expect(() => steps({ cache })).toThrow('a folder of its own');
  });
});

describe('the client', () => {
  const on = (software: NonNullable<Layout['software']>): Layout => ({
    hasCloudInit: false,
    software,
  });
  const client = (cvmfs: object, layout: Layout, more: object = {}) => {
    const [step] = steps(cvmfs, layout, more);
    return step?.kind === 'cvmfs-client' ? step : expect.fail('no step');
  };
  const DEBIAN = on({ hasCvmfs: false, packageManager: 'apt-get' });
  const EL = on({ hasCvmfs: false, packageManager: 'dnf' });

  test('of the image is used as it is', () => {
    expect(client({}, on({ hasCvmfs: true }))).toMatchObject({
      what: 'use the CVMFS client that is installed',
      notices: [],
    });
  });

  test('that is absent and must not be installed is told beforehand', () => {
    const step = client({}, DEBIAN);
    expect(step.installation).toBeUndefined();
    expect(step.notices).toEqual([expect.stringContaining('has no CVMFS client')]);
  });

  test.each([
    [DEBIAN, 'apt-get', 'https://cvmrepo.s3.cern.ch/cvmrepo/apt/cvmfs-release-latest_all.deb'],
    [EL, 'dnf', 'https://cvmrepo.s3.cern.ch/cvmrepo/yum/cvmfs-release-latest.noarch.rpm'],
  ])('is installed from the public release, by the proxy (%#)', (layout, manager, release) => {
    expect(
      client({ install: true }, layout, { proxy: { http: 'http://squid:3128' } }),
    ).toMatchObject({
      what: `install the CVMFS client (cvmfs) from ${release} with ${manager}`,
      notices: [],
      installation: {
        manager,
        release,
        names: ['cvmfs'],
        files: [],
        environment: { http_proxy: 'http://squid:3128' },
        limitMs: 900_000,
      },
    });
  });

  test('is installed from the sources of the image, or another release', () => {
    const names = ['cvmfs', 'cvmfs-config-osg'];
    expect(
      client({ install: true, packages: { release: 'none', names } }, EL).installation,
    ).not.toHaveProperty('release');
    const release = 'https://mirror.example.org/cvmfs-release.noarch.rpm';
    expect(client({ install: true, packages: { release } }, EL)).toMatchObject({
      installation: { release },
    });
  });

  test('cannot be installed where nothing could', () => {
    expect(client({ install: true }, on({ hasCvmfs: false })).notices).toEqual([
      expect.stringContaining('neither dnf, yum nor apt-get'),
    ]);
  });

  const key =
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n';
  const repository = { url: 'http://mirror.example.org/cvmfs', key };

  test('comes from a repository, by its key', () => {
    const packages = { repository: { ...repository, suite: 'bookworm-prod' } };
    expect(client({ install: true, packages }, DEBIAN).installation?.files).toEqual([
      { path: '/etc/apt/keyrings/pilotage-cvmfs.asc', content: key, mode: 0o644 },
      {
        path: '/etc/apt/sources.list.d/pilotage-cvmfs.sources',
        content: [
          '# Written by pilotage-agent from the context.',
          'Types: deb',
          'URIs: http://mirror.example.org/cvmfs',
          'Suites: bookworm-prod',
          'Components: main',
          'Signed-By: /etc/apt/keyrings/pilotage-cvmfs.asc',
          '',
        ].join('\n'),
        mode: 0o644,
      },
    ]);
    const url = 'https://mirror.example.org/el$releasever/$basearch/';
    expect(
      client({ install: true, packages: { repository: { url, key } } }, EL).installation?.files[1]
        ?.content,
    ).toBe(
      [
        '# Written by pilotage-agent from the context.',
        '[pilotage-cvmfs]',
        'name=CVMFS, as the context has it',
        `baseurl=${url}`,
        'enabled=1',
        'gpgcheck=1',
        'gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-pilotage-cvmfs',
        '',
      ].join('\n'),
    );
  });

  test.each([
    { release: 'http://plain.example.org/x.rpm' },
    { release: 'https://example.org/x.sh' },
    { release: 'https://example.org/a b.rpm' },
    { release: 'https://example.org/x.rpm', repository },
    { repository: { url: 'http://x/' } },
    { repository: { ...repository, url: 'http://x/\nSigned-By: /y' } },
    { repository: { ...repository, url: 'http://x/$(id)' } },
    { repository: { ...repository, key: 'none' } },
    { repository: { ...repository, suite: 'a b' } },
    { names: ['--allow-unauthenticated'] },
    { names: [] },
  ])('never comes from %j', packages => {
    expect(() => steps({ install: true, packages })).toThrow(/cvmfs\.packages/);
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
