import { describe, expect, test } from 'vitest';
import { createCvmfsMachine } from '../../support/cvmfs/cvmfs-machine.ts';

/** The stand-in has to be as strict as the client, or tests on it prove nothing. */

const file = (path: string, content: string) => ({ path, content, mode: 0o644 });
const LOCAL = file(
  '/etc/cvmfs/default.local',
  "CVMFS_REPOSITORIES='a.example.org,b.example.org'\nCVMFS_HTTP_PROXY='http://p:3128;DIRECT'\n",
);
const A = 'a.example.org';

const parameters = async (
  files: readonly { path: string; content: string; mode: number }[],
): Promise<Record<string, string>> => {
  const machine = await createCvmfsMachine();
  machine.put(files);
  const { stdout } = await machine.run('/usr/bin/cvmfs2', '-o', 'parse', A, '/');
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map(line => /^(\w+)=(.*?) {4}# from (.*)$/.exec(line) ?? expect.fail(line))
      .map(([, name, value, from]) => [name, `${value} < ${from}`]),
  );
};

describe('parameters', () => {
  test.each([
    ['default.conf', 'default.d/50-x.conf'],
    ['default.d/50-x.conf', 'default.d/60-x.conf'],
    ['default.d/60-x.conf', 'default.local'],
    ['default.local', 'domain.d/example.org.conf'],
    ['domain.d/example.org.conf', 'domain.d/example.org.local'],
    ['domain.d/example.org.local', 'config.d/a.example.org.conf'],
    ['config.d/a.example.org.conf', 'config.d/a.example.org.local'],
  ])('of %s are outranked by those of %s', async (lower, higher) => {
    const path = (name: string) => `/etc/cvmfs/${name}`;
    const found = await parameters([
      file(path(lower), 'CVMFS_X=lower\nCVMFS_Y=lower\n'),
      file(path(higher), 'CVMFS_X=higher\n'),
    ]);
    expect(found).toMatchObject({
      CVMFS_X: `higher < ${path(higher)}`,
      CVMFS_Y: `lower < ${path(lower)}`,
    });
  });

  test('of a configuration repository stand between the packaged ones and those of the machine', async () => {
    const found = await parameters([
      file(
        '/etc/cvmfs/default.d/50-x.conf',
        'CVMFS_CONFIG_REPOSITORY=config.example.org\nCVMFS_X=1\n',
      ),
      file('/cvmfs/config.example.org/etc/cvmfs/default.conf', 'CVMFS_X=2\nCVMFS_Y=2\n'),
      file('/etc/cvmfs/default.local', 'CVMFS_Y=3\nCVMFS_CONFIG_REPOSITORY=evil.example.org\n'),
    ]);
    expect(found).toMatchObject({
      CVMFS_X: '2 < /cvmfs/config.example.org/etc/cvmfs/default.conf',
      CVMFS_Y: '3 < /etc/cvmfs/default.local',
      CVMFS_CONFIG_REPOSITORY: 'config.example.org < /etc/cvmfs/default.d/50-x.conf',
    });
  });

  test('are what a shell makes of them', async () => {
    const found = await parameters([
      file(
        '/etc/cvmfs/default.local',
        'export CVMFS_A="one"two\nCVMFS_B=$CVMFS_A-$CVMFS_FQRN\nif [ "$CVMFS_A" = onetwo ]; then\n  CVMFS_C=yes\nfi\n#CVMFS_D=no\n',
      ),
      file('/etc/cvmfs/domain.d/example.org.local', 'CVMFS_E=$CVMFS_C'),
    ]);
    expect(found).toMatchObject({
      CVMFS_A: 'onetwo < /etc/cvmfs/default.local',
      CVMFS_B: 'onetwo-a.example.org < /etc/cvmfs/default.local',
      CVMFS_C: 'yes < /etc/cvmfs/default.local',
      CVMFS_E: 'yes < /etc/cvmfs/domain.d/example.org.local',
    });
    expect(found).not.toHaveProperty('CVMFS_D');
  });
});

describe('a mount', () => {
  const ready = async () => {
    const machine = await createCvmfsMachine();
    machine.put([LOCAL]);
    await machine.run('/usr/bin/cvmfs_config', 'setup');
    return machine;
  };

  test('shows the repository, and the client can be asked about it', async () => {
    const machine = await ready();
    await machine.access(A);
    expect(await machine.read(`/cvmfs/${A}/README`)).toBe(`${A}\n`);
    const probe = await machine.run('/usr/bin/cvmfs_config', 'probe', A);
    expect(probe.stdout).toBe(`Probing /cvmfs/${A}... OK\n`);
    expect((await machine.run('/usr/bin/cvmfs_talk', '-i', A, 'proxy', 'info')).stdout).toBe(
      'Load-balance groups:\n[0] http://p:3128\n[1] DIRECT\nActive proxy: [0] http://p:3128\n',
    );
    await expect(machine.access(A)).rejects.toThrow('is already mounted on /cvmfs/a.example.org');
  });

  test('loses DIRECT to any fallback proxy', async () => {
    const machine = await ready();
    machine.put([
      file(
        '/etc/cvmfs/domain.d/example.org.local',
        'CVMFS_FALLBACK_PROXY="http://f:1;http://g:1|DIRECT"\n',
      ),
    ]);
    await machine.access(A);
    expect((await machine.run('/usr/bin/cvmfs_talk', '-i', A, 'proxy', 'info')).stdout).toContain(
      '[0] http://p:3128\n[1] http://f:1\n[2] http://g:1\nActive',
    );
  });

  test('reads new parameters only when told to', async () => {
    const machine = await ready();
    await machine.access(A);
    machine.put([{ ...LOCAL, content: LOCAL.content.replace('p:3128', 'q:3128') }]);
    const proxies = async () =>
      (await machine.run('/usr/bin/cvmfs_talk', '-i', A, 'proxy', 'info')).stdout;
    expect(await proxies()).toContain('http://p:3128');
    await machine.run('/usr/bin/cvmfs_config', 'reload');
    expect(await proxies()).toContain('http://q:3128');
  });

  test.each([
    [
      'no proxy',
      '/etc/cvmfs/default.local',
      "CVMFS_REPOSITORIES='a.example.org'\n",
      'CVMFS_HTTP_PROXY required',
    ],
    ['no server', '/etc/cvmfs/domain.d/example.org.conf', '', 'CVMFS_SERVER_URL required'],
    [
      'no key',
      '/etc/cvmfs/config.d/a.example.org.conf',
      'CVMFS_KEYS_DIR=/none\n',
      'no trusted key',
    ],
    ['another key', '/etc/cvmfs/keys/example.org/example.org.pub', 'x', 'no trusted key'],
    ['no user', '/etc/passwd', '', 'Failed to find user cvmfs'],
    [
      'a strict client',
      '/etc/cvmfs/domain.d/example.org.local',
      'CVMFS_STRICT_MOUNT=yes\nCVMFS_REPOSITORIES=b.example.org\n',
      'Not allowed to mount a.example.org',
    ],
    [
      'no number for the quota',
      '/etc/cvmfs/domain.d/example.org.local',
      'CVMFS_QUOTA_LIMIT=many\n',
      'invalid CVMFS_QUOTA_LIMIT',
    ],
  ])('is refused with %s', async (_what, path, content, words) => {
    const machine = await ready();
    machine.put([file(path, content)]);
    await expect(machine.access(A)).rejects.toThrow(words);
    const probe = machine.run('/usr/bin/cvmfs_config', 'probe', A);
    await expect(probe).rejects.toThrow('Failed!');
  });

  test.each(['../etc', 'a b', '', 'no-such.example.org'])('of %j is refused', async name => {
    const machine = await ready();
    await expect(machine.run('/usr/sbin/mount.cvmfs', name, '/cvmfs/x')).rejects.toThrow();
  });
});

describe('the program for common tasks', () => {
  test('sets the automounter up, once', async () => {
    const machine = await createCvmfsMachine();
    await machine.run('/usr/bin/cvmfs_config', 'setup');
    await machine.run('/usr/bin/cvmfs_config', 'setup');
    expect(await machine.read('/etc/auto.master.d/cvmfs.autofs')).toBe(
      '# automatically generated by CernVM-FS\n/cvmfs /etc/auto.cvmfs\n',
    );
    expect(await machine.mounts()).toEqual(['/cvmfs autofs']);
    await expect(machine.run('/usr/bin/cvmfs_config', 'setup', 'twice')).rejects.toThrow(
      'Bad option: twice',
    );
  });

  test('leaves the automounter alone where told', async () => {
    const machine = await createCvmfsMachine();
    await machine.run('/usr/bin/cvmfs_config', 'setup', 'noautofs');
    expect(await machine.mounts()).toEqual([]);
    expect(await machine.read('/etc/passwd')).toMatch(/^cvmfs:/);
  });

  test.each([
    ['nothing', [], 'OK'],
    [
      'both ways to mount',
      [file('/etc/fstab', 'a.example.org /cvmfs/a.example.org cvmfs defaults 0 0\n')],
      'both autofs and fstab',
    ],
    [
      'no proxy',
      [file('/etc/cvmfs/default.local', 'CVMFS_REPOSITORIES=a.example.org\n')],
      'CVMFS_HTTP_PROXY undefined',
    ],
    [
      'no keys',
      [file('/etc/cvmfs/config.d/a.example.org.conf', 'CVMFS_KEYS_DIR=/none\n')],
      'no public keys in /none',
    ],
    [
      'a quota beyond the disk',
      [file('/etc/cvmfs/config.d/a.example.org.conf', 'CVMFS_QUOTA_LIMIT=999999999\n')],
      'too small',
    ],
    [
      'a switch that is none',
      [file('/etc/cvmfs/config.d/a.example.org.conf', 'CVMFS_SHARED_CACHE=perhaps\n')],
      'invalid value for CVMFS_SHARED_CACHE',
    ],
  ])('checks the set-up and finds %s', async (_what, files, words) => {
    const machine = await createCvmfsMachine();
    machine.put([LOCAL]);
    await machine.run('/usr/bin/cvmfs_config', 'setup');
    machine.put(files);
    const checked = machine.run('/usr/bin/cvmfs_config', 'chksetup');
    if (files.length === 0) expect((await checked).stdout.trim()).toBe(words);
    else await expect(checked).rejects.toThrow(words);
  });

  test('shows what is in force, with the names put in', async () => {
    const machine = await createCvmfsMachine();
    machine.put([LOCAL]);
    const { stdout } = await machine.run('/usr/bin/cvmfs_config', 'showconfig', A);
    expect(stdout).toContain(
      "CVMFS_SERVER_URL='http://s1.example.org/cvmfs/a.example.org'    # from /etc/cvmfs/domain.d/example.org.conf\n",
    );
    expect(stdout).toContain('CVMFS_CLIENT_PROFILE=\n');
  });
});
