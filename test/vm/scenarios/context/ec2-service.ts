import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEc2Metadata, type Ec2Metadata } from '../../../support/metadata/ec2-metadata.ts';
import type { Bed } from '../../bed.ts';
import { EC2_ID } from '../../hardware/ec2.ts';
import { MAC_ADDRESS } from '../../qemu-command.ts';

const LOCAL_IP = '169.254.1.10';
const CARD = `network/interfaces/macs/${MAC_ADDRESS}`;

export const EC2_FACTS = {
  instanceId: EC2_ID,
  imageId: 'ami-0abcdef1234567890',
  instanceType: 'm5.large',
  zone: 'eu-test-1a',
  localIp: LOCAL_IP,
  lifeCycle: 'spot',
} as const;

const META_DATA = {
  'ami-id': EC2_FACTS.imageId,
  'instance-id': EC2_ID,
  'instance-life-cycle': 'spot',
  'instance-type': EC2_FACTS.instanceType,
  'local-hostname': 'context-ec2',
  'local-ipv4': LOCAL_IP,
  mac: MAC_ADDRESS,
  [`${CARD}/device-number`]: '0',
  [`${CARD}/local-ipv4s`]: LOCAL_IP,
  [`${CARD}/mac`]: MAC_ADDRESS,
  'placement/availability-zone': EC2_FACTS.zone,
  'placement/region': 'eu-test-1',
};

const IDENTITY = { instanceId: EC2_ID, region: 'eu-test-1', architecture: 'x86_64' };

export interface Asked {
  method: string;
  path: string;
  agent: string;
  status: number;
}

export interface Ec2Service extends Ec2Metadata {
  port: number;
  /** Every request so far. */
  asked: readonly Asked[];
  /** Once, right before this path is next asked for, all tokens are revoked. */
  revokeAt(path: string): void;
  /** From now on a path below `meta-data/` says this, or nothing any more. */
  tell(path: string, text: string | undefined): void;
}

/** EC2's strict metadata service on the host's loopback; it ends with the scenario. */
export const startEc2Service = async (bed: Bed, userData: string): Promise<Ec2Service> => {
  const metaData: Record<string, string> = { ...META_DATA };
  const metadata = createEc2Metadata({
    metaData,
    userData,
    dynamic: { 'instance-identity/document': JSON.stringify(IDENTITY) },
  });
  const asked: Asked[] = [];
  const traps = new Set<string>();
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    if (traps.delete(path)) metadata.revokeTokens();
    metadata.listener(request, response);
    asked.push({ method, path, agent: headers['user-agent'] ?? '', status: response.statusCode });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  bed.onClose(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    ...metadata,
    port,
    asked,
    revokeAt: path => void traps.add(path),
    tell: (path, text) => {
      if (text === undefined) delete metaData[path];
      else metaData[path] = text;
    },
  };
};
