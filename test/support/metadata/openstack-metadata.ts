import type { RequestListener } from 'node:http';
import { answering, NOT_FOUND } from './listener.ts';

export interface OpenStackMetadataSpec {
  /** `/openstack/latest/meta_data.json`. */
  metaData: object;
  userData?: string | Buffer;
  /** Below `/2009-04-04/meta-data/`; without it this OpenStack has no part compatible with EC2. */
  ec2?: Readonly<Record<string, string>>;
}

/** Nova's metadata service. It knows no tokens and answers GET alone. */
export const createOpenStackMetadata = ({
  metaData,
  userData,
  ec2,
}: OpenStackMetadataSpec): RequestListener =>
  answering((request, path) => {
    if (request.method !== 'GET') return { status: 405 };
    if (path === '/openstack/latest/meta_data.json')
      return { status: 200, body: JSON.stringify(metaData) };
    if (path === '/openstack/latest/user_data' && userData !== undefined)
      return { status: 200, body: userData };
    const [, name] = /^\/2009-04-04\/meta-data\/(.+)$/.exec(path) ?? [];
    const body = name === undefined ? undefined : ec2?.[name];
    return body === undefined ? NOT_FOUND : { status: 200, body };
  });
