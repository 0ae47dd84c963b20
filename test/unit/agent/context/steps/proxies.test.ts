import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { undoOthers } from '../../../../../agent/context/apply.ts';
import { readLayout } from '../../../../../agent/context/layout.ts';
import { planProxies } from '../../../../../agent/context/planners/proxies.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';
import { contextOf, createStepPorts, filesOf, outcomesOf } from '../../../../support/step-ports.ts';

const IDS = { instanceId: 'i-1', bootId: 'b-1' };
const HTTP = 'http://squid.example.org:3128';

/** An image with these files; a name that ends in a slash is a folder. */
const machineWith = async (contents: Readonly<Record<string, string>>) => {
  const { root, files } = createFolderMachine();
  for (const [path, content] of Object.entries(contents)) {
    const folder = path.slice(0, path.lastIndexOf('/')) || '/';
    await files.makeDirectory(folder, { mode: 0o755 });
    if (!path.endsWith('/')) await files.write(path, content, { mode: 0o644 });
  }
  const steps = async (proxy: object = {}) =>
    planProxies(contextOf({ proxy: { http: HTTP, ...proxy } }), {
      layout: await readLayout(files),
    });
  return { root, files, ports: createStepPorts(files), steps };
};
const OTHERS = {
  '/etc/environment': 'LANG=C.UTF-8\nhttp_proxyx=1\n',
  '/etc/apt/apt.conf.d/00own': 'APT::Periodic "0";\n',
  '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\nproxy=http://old:1\n',
  '/etc/fetch-crl.conf': 'infodir = /etc/grid-security/certificates\n',
};

describe('the web proxy', () => {
  test('is told to whatever the image has, and all of it is taken back', async () => {
    const { files, ports, steps } = await machineWith(OTHERS);
    expect(await outcomesOf(await steps(), ports)).toEqual({ proxies: 'done' });
    const after = await filesOf(files);
    expect(Object.keys(after)).toEqual([
      '/etc/apt/apt.conf.d/00own',
      '/etc/apt/apt.conf.d/95pilotage-proxy',
      '/etc/dnf/dnf.conf',
      '/etc/environment',
      '/etc/fetch-crl.conf',
      '/etc/profile.d/pilotage-proxy.sh',
    ]);
    expect(after['/etc/environment']).toMatch(
      /^LANG=C\.UTF-8\nhttp_proxyx=1\n# pilotage proxy: begin\nhttp_proxy=http:\/\/squid\.example\.org:3128\n/,
    );
    expect(after['/etc/fetch-crl.conf']).toContain(`\nhttp_proxy=${HTTP}\n`);
    expect(await outcomesOf(await steps(), ports)).toEqual({ proxies: 'spared' });
    await undoOthers([], IDS, ports);
    expect(await filesOf(files)).toEqual(OTHERS);
  });

  test('is told to nothing that the image has not', async () => {
    const { files, ports, steps } = await machineWith({});
    await outcomesOf(await steps(), ports);
    expect(Object.keys(await filesOf(files))).toEqual(['/etc/profile.d/pilotage-proxy.sh']);
  });

  test('goes where there is a folder for it, rather than into a file', async () => {
    const { files, ports, steps } = await machineWith({
      '/etc/fetch-crl.conf': 'x = 1\n',
      '/etc/fetch-crl.d/': '',
    });
    await outcomesOf(await steps(), ports);
    const after = await filesOf(files);
    expect(after['/etc/fetch-crl.conf']).toBe('x = 1\n');
    expect(after['/etc/fetch-crl.d/pilotage-proxy.conf']).toContain(`http_proxy = ${HTTP}\n`);
  });

  test('a changed one leaves nothing of the former', async () => {
    const { files, ports, steps } = await machineWith(OTHERS);
    await outcomesOf(await steps({ http: 'http://former:1' }), ports);
    await outcomesOf(await steps(), ports);
    expect(JSON.stringify(await filesOf(files))).not.toContain('former');
    await undoOthers([], IDS, ports);
    expect(await filesOf(files)).toEqual(OTHERS);
  });
});

describe('what real programs read', () => {
  test('sh', async () => {
    const { root, ports, steps } = await machineWith({});
    await outcomesOf(await steps(), ports);
    const script = '. "$1/etc/profile.d/pilotage-proxy.sh"; echo "$https_proxy $NO_PROXY"';
    expect(execFileSync('sh', ['-c', script, 'sh', root], { encoding: 'utf8' })).toBe(
      `${HTTP} localhost,127.0.0.1,169.254.169.254\n`,
    );
  });

  test('python, of dnf.conf', async () => {
    const { root, ports, steps } = await machineWith(OTHERS);
    await outcomesOf(await steps(), ports);
    const script =
      'import configparser, sys; c = configparser.ConfigParser(); c.read(sys.argv[1]); print(c["main"]["proxy"], c["main"]["gpgcheck"])';
    const seen = execFileSync('python3', ['-c', script, `${root}/etc/dnf/dnf.conf`], {
      encoding: 'utf8',
    });
    expect(seen).toBe(`${HTTP} 1\n`);
  });

  test.runIf(existsSync('/usr/bin/apt-config'))('apt', async () => {
    const { root, ports, steps } = await machineWith(OTHERS);
    await outcomesOf(
      await steps({ noProxy: ['deb.example.org', '.example.net', '10.0.0.0/8'] }),
      ports,
    );
    const dump = execFileSync('apt-config', ['dump'], {
      encoding: 'utf8',
      env: { ...process.env, APT_CONFIG: `${root}/etc/apt/apt.conf.d/95pilotage-proxy` },
    });
    const lines = dump.split('\n').filter(line => /::proxy/i.test(line));
    for (const scheme of ['http', 'https']) {
      expect(lines).toContain(`Acquire::${scheme}::Proxy "${HTTP}";`);
      expect(lines).toContain(`Acquire::${scheme}::Proxy::deb.example.org "DIRECT";`);
    }
  });
});
