import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

/** In single quotes for sh, which reads the CVMFS files; the schema lets no quote get this far. */
const quote = (value: string): string => `'${value}'`;

/** The CVMFS client's `default.local`, the file that outranks the packaged configuration. */
export const planCvmfs = ({ cvmfs }: Context): Step[] => {
  if (cvmfs === undefined) return [];
  const lines = [
    '# Written by pilotage-agent from the context.',
    `CVMFS_REPOSITORIES=${quote(cvmfs.repositories.join(','))}`,
    `CVMFS_HTTP_PROXY=${quote(cvmfs.proxies)}`,
    `CVMFS_QUOTA_LIMIT=${cvmfs.quotaMb}`,
    `CVMFS_CACHE_BASE=${quote(cvmfs.cache)}`,
  ];
  return [
    {
      kind: 'cvmfs',
      id: 'cvmfs',
      what: `configure the CVMFS client for ${cvmfs.repositories.join(', ')}`,
      lasts: 'instance',
      files: [{ path: '/etc/cvmfs/default.local', content: `${lines.join('\n')}\n`, mode: 0o644 }],
    },
  ];
};
