import type { Cvmfs } from '../schema/cvmfs.ts';
import { quoted } from './quoted.ts';

const TRAP =
  'the packaged configuration has a fallback proxy, and any fallback proxy strips DIRECT from the proxies';

/** With these and no word on the network, the packaged configuration uses it by itself. */
const BY_NETWORK = ['DIRECT', 'auto;DIRECT'];

/**
 * What the packaged configuration makes of DIRECT. It sets CVMFS_FALLBACK_PROXY unless the content
 * delivery network is used or the profile is `custom`, and the client then drops DIRECT without a word
 * (common.conf of cvmfs-contrib/config-repo). The profile `custom` makes the client do what is written.
 */
const fitProfile = ({
  proxies,
  useCdn,
  clientProfile,
}: Cvmfs): { profile: Cvmfs['clientProfile']; notices: string[] } => {
  const hasDirect = proxies.split(/[|;]/).includes('DIRECT');
  if (!hasDirect || useCdn === true) return { profile: clientProfile, notices: [] };
  if (useCdn === undefined && BY_NETWORK.includes(proxies))
    return {
      profile: clientProfile,
      notices: [
        `with the proxies ${proxies} the packaged configuration uses a content delivery network; useCdn: false is the way to have it not`,
      ],
    };
  const load =
    'DIRECT without useCdn puts the load of a whole fleet on the Stratum 1 servers when the squids fail';
  if (clientProfile === 'custom') return { profile: 'custom', notices: [load] };
  if (clientProfile === 'single')
    return {
      profile: 'single',
      notices: [
        `${TRAP}: with clientProfile single, DIRECT has no effect; say custom, or useCdn: true`,
      ],
    };
  return { profile: 'custom', notices: [load, `clientProfile is custom, since otherwise ${TRAP}`] };
};

const autoNotices = ({ proxies }: Cvmfs): string[] => {
  const groups = proxies.split(';');
  if (!groups.includes('auto')) return [];
  return groups.every(group => group === 'auto')
    ? [
        'with the proxies auto alone, no repository is mounted where web proxy discovery names no squid; a fallback is written like auto;http://squid.example.org:3128',
      ]
    : [];
};

/** How the client reaches its servers, and what an operator should know of it. */
export const planCvmfsProxies = (cvmfs: Cvmfs): { lines: string[]; notices: string[] } => {
  const { proxies, pacUrls, useCdn } = cvmfs;
  const { profile, notices } = fitProfile(cvmfs);
  const isAuto = proxies.split(';').includes('auto');
  return {
    lines: [
      `CVMFS_HTTP_PROXY=${quoted(proxies)}`,
      ...(isAuto ? [`CVMFS_PAC_URLS=${quoted(pacUrls.join(';'))}`] : []),
      ...(useCdn === undefined ? [] : [`CVMFS_USE_CDN=${useCdn ? 'yes' : 'no'}`]),
      ...(profile === undefined ? [] : [`CVMFS_CLIENT_PROFILE=${profile}`]),
    ],
    notices: [...notices, ...autoNotices(cvmfs)],
  };
};
