import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { PlannedFile, Step } from '../step.ts';

type Cvmfs = NonNullable<Context['cvmfs']>;

/** In single quotes for sh, which reads the CVMFS files; the schema lets no quote get this far. */
const quote = (value: string): string => `'${value}'`;

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

/**
 * The packaged configuration sets a fallback proxy for most clients, and any fallback silently strips
 * DIRECT from the proxies. The profile `custom` makes the client do what is written.
 */
const fitProfile = ({
  proxies,
  useCdn,
  clientProfile,
}: Cvmfs): { profile: string | undefined; notices: string[] } => {
  const hasDirect = proxies.split(/[|;]/).includes('DIRECT');
  if (!hasDirect || useCdn) return { profile: clientProfile, notices: [] };
  const load =
    'DIRECT without useCdn puts the load of a whole fleet on the Stratum 1 servers when the squids fail';
  if (clientProfile !== undefined) return { profile: clientProfile, notices: [load] };
  const kept =
    'clientProfile is custom, since otherwise the packaged fallback proxy would strip DIRECT';
  return { profile: 'custom', notices: [load, kept] };
};

const defaultLocal = (cvmfs: Cvmfs, quotaMb: number, profile: string | undefined): PlannedFile => {
  const names = [...cvmfs.repositories, ...cvmfs.extraRepositories.map(({ name }) => name)];
  const lines = [
    '# Written by pilotage-agent from the context.',
    `CVMFS_REPOSITORIES=${quote([...new Set(names)].join(','))}`,
    `CVMFS_HTTP_PROXY=${quote(cvmfs.proxies)}`,
    `CVMFS_QUOTA_LIMIT=${quotaMb}`,
    `CVMFS_CACHE_BASE=${quote(cvmfs.cache)}`,
    ...(cvmfs.useCdn ? ['CVMFS_USE_CDN=yes'] : []),
    ...(profile === undefined ? [] : [`CVMFS_CLIENT_PROFILE=${profile}`]),
  ];
  return { path: '/etc/cvmfs/default.local', content: `${lines.join('\n')}\n`, mode: 0o644 };
};

const extraFiles = ({ extraRepositories }: Cvmfs): PlannedFile[] =>
  extraRepositories.flatMap(({ name, servers, publicKey }) => {
    const key = `/etc/cvmfs/keys/${name}.pub`;
    const lines = [
      '# Written by pilotage-agent from the context.',
      `CVMFS_SERVER_URL=${quote(servers.join(';'))}`,
      `CVMFS_PUBLIC_KEY=${quote(key)}`,
    ];
    return [
      { path: key, content: publicKey.endsWith('\n') ? publicKey : `${publicKey}\n`, mode: 0o644 },
      { path: `/etc/cvmfs/config.d/${name}.conf`, content: `${lines.join('\n')}\n`, mode: 0o644 },
    ];
  });

/** The CVMFS client's own files; `default.local` outranks the packaged configuration. */
export const planCvmfs = (
  { cvmfs }: Context,
  { cvmfsVolumeMb }: Pick<Facts, 'cvmfsVolumeMb'>,
): Step[] => {
  if (cvmfs === undefined) return [];
  const { quotaMb, notices } = fitQuota(cvmfs, cvmfsVolumeMb);
  const { profile, notices: profileNotices } = fitProfile(cvmfs);
  return [
    {
      kind: 'cvmfs',
      id: 'cvmfs',
      what: `configure the CVMFS client for ${cvmfs.repositories.join(', ')}`,
      lasts: 'instance',
      notices: [...notices, ...profileNotices],
      files: [defaultLocal(cvmfs, quotaMb, profile), ...extraFiles(cvmfs)],
    },
  ];
};
