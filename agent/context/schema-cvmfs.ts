import * as v from 'valibot';
import { AbsolutePath, ProxyString, Repository, StratumUrl, whole } from './schema-words.ts';

/** The CVMFS client. */

const ExtraRepository = v.strictObject({
  name: Repository,
  /** Stratum 1 servers, in their order, each like http://stratum1.example.org/cvmfs/@fqrn@ */
  servers: v.pipe(
    v.array(StratumUrl, 'a list of server addresses'),
    v.minLength(1, 'at least one server'),
    v.maxLength(20),
  ),
  /** The repository's public key, PEM. */
  publicKey: v.pipe(
    v.string('a public key in PEM'),
    v.regex(
      /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/,
      'a public key in PEM',
    ),
    v.maxLength(4096),
  ),
});

export const Cvmfs = v.strictObject({
  repositories: v.pipe(
    v.array(Repository, 'a list of repositories'),
    v.minLength(1, 'at least one repository'),
    v.maxLength(200),
  ),
  /** CVMFS_HTTP_PROXY; mandatory for the client. */
  proxies: ProxyString,
  /** Wanted; fitted to the volume, of which a fifth and 1 GB stay free. */
  quotaMb: v.optional(whole(1000, 10_000_000), 20_000),
  cache: v.optional(AbsolutePath, '/var/lib/cvmfs'),
  /** CVMFS_USE_CDN: what goes around the proxies is asked of a content delivery network. */
  useCdn: v.optional(v.boolean('true or false'), false),
  /** CVMFS_CLIENT_PROFILE: `single` for a lone machine, `custom` for exactly what is written here. */
  clientProfile: v.optional(v.picklist(['single', 'custom'], 'one of: single, custom')),
  /** Repositories that no packaged configuration knows. */
  extraRepositories: v.optional(
    v.pipe(v.array(ExtraRepository, 'a list of repositories'), v.maxLength(50)),
    [],
  ),
});
