import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { aptEnvironment } from '../../bootstrap/debian-packages.ts';
import { createExec } from '../../platform/exec.ts';
import { cachedFolder } from './cache-folder.ts';
import { pollUntil } from './poll-until.ts';

const MINUTES = 60_000;

/** Debian's nginx, unpacked and not installed: nothing of the machine is changed, and no service begins. */
const findNginx = async (): Promise<string> => {
  if (existsSync('/usr/sbin/nginx')) return '/usr/sbin/nginx';
  const exec = createExec();
  const folder = await cachedFolder('nginx', 'dav', async into => {
    const download = ['/bin/sh', '-c', 'cd "$1" && apt-get -q download nginx', 'sh', into] as const;
    const [program, ...args] = download;
    const options = { timeoutMs: 5 * MINUTES, env: aptEnvironment() };
    try {
      await exec.run(program, args, options);
    } catch {
      // The lists of packages may be missing, or too old.
      await exec.run('apt-get', ['-q', 'update'], options);
      await exec.run(program, args, options);
    }
    const [deb] = readdirSync(into).filter(name => name.endsWith('.deb'));
    if (deb === undefined) throw new Error('apt-get downloaded no nginx');
    await exec.run('dpkg', ['-x', join(into, deb), into], { timeoutMs: MINUTES });
  });
  return join(folder, 'usr/sbin/nginx');
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });

export interface NginxDav {
  origin: string;
  /** Where what was put lies. */
  root: string;
}

/**
 * A real nginx with WebDAV on loopback that takes PUT and MKCOL from whoever has the token, and makes no
 * collection by itself. Ends with the test.
 */
export const startNginxDav = async (token: string): Promise<NginxDav> => {
  const program = await findNginx();
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-nginx-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'root');
  for (const name of [root, join(folder, 'body'), join(folder, 'other')]) {
    mkdirSync(name);
    chmodSync(name, 0o777);
  }
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; error_log ${folder}/error.log; pid ${folder}/pid;
events {}
http {
  access_log off;
  ${['fastcgi', 'proxy', 'scgi', 'uwsgi'].map(name => `${name}_temp_path ${folder}/other;`).join(' ')}
  client_body_temp_path ${folder}/body;
  client_max_body_size 100m;
  server {
    listen 127.0.0.1:${port};
    root ${root};
    if ($http_authorization != "Bearer ${token}") { return 401; }
    location / { dav_methods PUT MKCOL; dav_access user:rw; }
  }
}
`,
  );
  const child = spawn(
    program,
    ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: 'ignore',
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const origin = `http://127.0.0.1:${port}`;
  await pollUntil('nginx listens', { timeoutMs: 10_000, everyMs: 50 }, async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    return (await fetch(origin).catch(() => undefined)) === undefined ? undefined : true;
  });
  return { origin, root };
};
