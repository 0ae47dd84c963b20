import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { PlannedFile, Step } from '../step.ts';

/** Where cloud-init is, it would set the name that the cloud knows again at every boot. */
const CLOUD_INIT_FILE: PlannedFile = {
  path: '/etc/cloud/cloud.cfg.d/99-pilotage-hostname.cfg',
  content:
    '# Written by pilotage-agent: the context names this host.\npreserve_hostname: true\nmanage_etc_hosts: false\n',
  mode: 0o644,
};

/** The name of the host as the context has it; without one the machine keeps its own. */
export const planHostname = ({ hostname }: Context, { layout }: Pick<Facts, 'layout'>): Step[] => {
  if (hostname === undefined) return [];
  const short = hostname.split('.')[0] ?? hostname;
  const names = short === hostname ? short : `${hostname} ${short}`;
  return [
    {
      kind: 'hostname',
      id: 'hostname',
      what: `call this host ${hostname}`,
      lasts: 'instance',
      hostname,
      // Debian's own address for a host's name: it answers without a network.
      hosts: [`127.0.1.1 ${names}`],
      files: [
        { path: '/etc/hostname', content: `${hostname}\n`, mode: 0o644 },
        ...(layout?.hasCloudInit === true ? [CLOUD_INIT_FILE] : []),
      ],
    },
  ];
};
