import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'client');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

export interface ClientFile {
  path: string;
  content: string;
  mode: number;
}

/** Where each part of the stand-in lies: as in the packages of the CVMFS client. */
export const CLIENT_FILES: readonly ClientFile[] = [
  { path: '/usr/bin/cvmfs_config', content: read('cvmfs_config'), mode: 0o755 },
  { path: '/usr/bin/cvmfs_talk', content: read('cvmfs_talk'), mode: 0o755 },
  { path: '/usr/bin/cvmfs2', content: read('cvmfs2'), mode: 0o755 },
  { path: '/usr/sbin/mount.cvmfs', content: read('mount.cvmfs'), mode: 0o755 },
  { path: '/usr/lib/cvmfs/options.sh', content: read('options.sh'), mode: 0o644 },
  { path: '/etc/auto.cvmfs', content: read('auto.cvmfs'), mode: 0o755 },
  { path: '/etc/cvmfs/default.conf', content: read('default.conf'), mode: 0o644 },
];

export const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----\n';

/** A repository as its servers have it: a file, and the key by which it is signed. */
export const repositoryFiles = (name: string): ClientFile[] => [
  { path: `/srv/cvmfs/${name}/README`, content: `${name}\n`, mode: 0o644 },
  { path: `/srv/cvmfs/${name}.pub`, content: PUBLIC_KEY, mode: 0o644 },
];

/** The packaged configuration of a domain: its servers and key. */
export const domainFiles = (domain: string, more = ''): ClientFile[] => [
  {
    path: `/etc/cvmfs/domain.d/${domain}.conf`,
    content: `CVMFS_SERVER_URL="http://s1.example.org/cvmfs/@fqrn@"\nCVMFS_KEYS_DIR=/etc/cvmfs/keys/${domain}\n${more}`,
    mode: 0o644,
  },
  { path: `/etc/cvmfs/keys/${domain}/${domain}.pub`, content: PUBLIC_KEY, mode: 0o644 },
];
