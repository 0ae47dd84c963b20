import type { Facts } from '../facts.ts';
import type { Cvmfs } from '../schema/cvmfs.ts';
import type { Context } from '../schema.ts';
import type { PlannedFile, Step } from '../step.ts';
import { planCvmfsClient } from './cvmfs-client.ts';
import { planCvmfsProxies } from './cvmfs-proxies.ts';
import { HEAD, linesOf, quoted } from './quoted.ts';

const LEAST_QUOTA_MB = 1000;

/** What the volume can bear: a fifth of it and 1 GB stay free. */
const fitQuota = (
  { quotaMb, cache }: Cvmfs,
  volumeMb: number | undefined,
): { quotaMb: number; notices: string[] } => {
  if (volumeMb === undefined) return { quotaMb, notices: [] };
  const bearable = Math.floor(volumeMb * 0.8) - 1000;
  if (bearable >= quotaMb) return { quotaMb, notices: [] };
  const fitted = Math.max(LEAST_QUOTA_MB, bearable);
  const told = `the volume of ${cache} has ${volumeMb} MB, so the quota is ${fitted} MB instead of ${quotaMb} MB`;
  const small = `${told}, the least that CVMFS can live with: the volume may fill up`;
  return { quotaMb: fitted, notices: [bearable < LEAST_QUOTA_MB ? small : told] };
};

/** All repositories that the context names, each once. */
export const repositoriesOf = ({ repositories, extraRepositories }: Cvmfs): string[] => [
  ...new Set([...repositories, ...extraRepositories.map(({ name }) => name)]),
];

const defaultLocal = (
  cvmfs: Cvmfs,
  quotaMb: number,
  proxyLines: readonly string[],
): PlannedFile => ({
  path: '/etc/cvmfs/default.local',
  content: linesOf([
    HEAD,
    `CVMFS_REPOSITORIES=${quoted(repositoriesOf(cvmfs).join(','))}`,
    `CVMFS_QUOTA_LIMIT=${quotaMb}`,
    `CVMFS_CACHE_BASE=${quoted(cvmfs.cache)}`,
    ...proxyLines,
  ]),
  mode: 0o644,
});

const extraFiles = ({ extraRepositories }: Cvmfs): PlannedFile[] =>
  extraRepositories.flatMap(({ name, servers, publicKey }) => {
    const key = `/etc/cvmfs/keys/${name}.pub`;
    return [
      { path: key, content: publicKey.endsWith('\n') ? publicKey : `${publicKey}\n`, mode: 0o644 },
      {
        path: `/etc/cvmfs/config.d/${name}.conf`,
        content: linesOf([
          HEAD,
          `CVMFS_SERVER_URL=${quoted(servers.join(';'))}`,
          `CVMFS_PUBLIC_KEY=${quoted(key)}`,
        ]),
        mode: 0o644,
      },
    ];
  });

/** The client, its own files (`default.local` outranks the packaged configuration), cache and mounts. */
export const planCvmfs = (
  context: Context,
  { cvmfsVolumeMb, layout }: Pick<Facts, 'cvmfsVolumeMb' | 'layout'>,
): Step[] => {
  const { cvmfs } = context;
  if (cvmfs === undefined) return [];
  const repositories = repositoriesOf(cvmfs);
  const { quotaMb, notices } = fitQuota(cvmfs, cvmfsVolumeMb);
  const { lines, notices: proxyNotices } = planCvmfsProxies(cvmfs);
  const by = { autofs: 'when something looks at them', fstab: 'from the boot on' }[cvmfs.mount];
  return [
    planCvmfsClient(context, cvmfs, layout),
    {
      kind: 'cvmfs',
      id: 'cvmfs',
      what: `configure the CVMFS client for ${repositories.join(', ')}`,
      lasts: 'instance',
      notices: [...notices, ...proxyNotices],
      files: [defaultLocal(cvmfs, quotaMb, lines), ...extraFiles(cvmfs)],
    },
    {
      kind: 'cvmfs-cache',
      id: 'cvmfs-cache',
      what: `keep the CVMFS cache in ${cvmfs.cache}`,
      lasts: 'instance',
      path: cvmfs.cache,
    },
    {
      kind: 'cvmfs-mount',
      id: 'cvmfs-mount',
      what: `mount them by ${cvmfs.mount}, ${by}: ${repositories.join(', ')}`,
      lasts: 'instance',
      how: cvmfs.mount,
      repositories,
      cache: cvmfs.cache,
    },
  ];
};
