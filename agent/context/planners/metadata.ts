import type { ClosedService } from '../../packet-filter.ts';
import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

/**
 * Where clouds answer their VMs, as each documents it. TCP alone: at the first address GCE has its name
 * service too, on port 53, which stays open, as do the time servers.
 */
const SERVICES: readonly ClosedService[] = [
  // EC2, OpenStack, GCE (443 with TLS), Azure and most others.
  { address: '169.254.169.254', ports: [80, 443] },
  // EC2 over IPv6.
  { address: 'fd00:ec2::254', ports: [80] },
  // GCE over IPv6.
  { address: 'fd20:ce::254', ports: [80, 443] },
  // OpenStack over IPv6, since Ussuri.
  { address: 'fe80::a9fe:a9fe', ports: [80] },
  // Azure's wire server and its host agent, with the goal state and the certificates of the VM.
  { address: '168.63.129.16', ports: [80, 32526] },
];

/** Closed where pilots run on a cloud's VM, unless the context says otherwise in as many words. */
export const planMetadata = (
  { metadata, pilots }: Pick<Context, 'metadata' | 'pilots'>,
  { metadataService }: Pick<Facts, 'metadataService'>,
): Step[] => {
  const isClosed = metadata.close ?? (pilots !== undefined && metadataService === true);
  return isClosed
    ? [
        {
          kind: 'metadata-closed',
          id: 'metadata-closed',
          what: 'close the metadata service to everyone but root (metadata: {close: false} leaves it open)',
          lasts: 'boot',
          services: SERVICES,
        },
      ]
    : [];
};
