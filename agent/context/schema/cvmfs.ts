import * as v from 'valibot';
import { Packages } from './packages.ts';
import { HttpUrl, ProxyString, Repository, StratumUrl, text, whole } from './words.ts';

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

/** Those of the WLCG, in the order that its HTTP proxy discovery task force has set. */
const WLCG_PAC_URLS = [
  'http://grid-wpad/wpad.dat',
  'http://wpad/wpad.dat',
  'http://wlcg-wpad.cern.ch/wpad.dat',
  'http://wlcg-wpad.fnal.gov/wpad.dat',
];
const PacFile = text(
  /^file:\/\/\/[A-Za-z0-9._/-]+$/,
  'an address such as http://wpad/wpad.dat or file:///etc/wpad.dat',
);

/** `auto` is a word of its own to the client only between semicolons; elsewhere it would be a host. */
const isAutoAlone = (proxies: string): boolean =>
  proxies.split(';').every(group => group === 'auto' || !group.split('|').includes('auto'));

/** Its owner and type are changed, so it must be no folder that others live in. */
const CacheFolder = text(
  /^(?!\/(?:cvmfs|proc|sys|dev|run|etc|usr|bin|sbin|lib|lib64|boot)\/)(?!.*(?:\/\.{0,2}\/|\/\.\.?$))(?:\/[A-Za-z0-9._-]+){2,}$/,
  'a folder of its own such as /scratch/cvmfs, beneath another and outside the system',
);

export const Cvmfs = v.strictObject({
  repositories: v.pipe(
    v.array(Repository, 'a list of repositories'),
    v.minLength(1, 'at least one repository'),
    v.maxLength(200),
  ),
  /**
   * CVMFS_HTTP_PROXY; mandatory for the client. `auto` between semicolons asks where the WLCG's web
   * proxy discovery points to.
   */
  proxies: v.pipe(
    ProxyString,
    v.check(
      isAutoAlone,
      'auto stands between semicolons, as in auto;http://squid.example.org:3128',
    ),
  ),
  /** CVMFS_PAC_URLS: where `auto` looks, in this order. */
  pacUrls: v.optional(
    v.pipe(
      v.array(
        v.union([HttpUrl, PacFile], 'an address such as http://wpad/wpad.dat'),
        'a list of addresses',
      ),
      v.minLength(1, 'at least one address'),
      v.maxLength(10, 'at most 10'),
    ),
    WLCG_PAC_URLS,
  ),
  /** Wanted; fitted to the volume, of which a fifth and 1 GB stay free. */
  quotaMb: v.optional(whole(1000, 10_000_000), 20_000),
  cache: v.optional(CacheFolder, '/var/lib/cvmfs'),
  /**
   * CVMFS_USE_CDN: what goes around the proxies is asked of a content delivery network. The packaged
   * configuration decides by itself where this is not said.
   */
  useCdn: v.optional(v.boolean('true or false')),
  /** CVMFS_CLIENT_PROFILE: `single` for a lone machine, `custom` for exactly what is written here. */
  clientProfile: v.optional(v.picklist(['single', 'custom'], 'one of: single, custom')),
  /** Repositories that no packaged configuration knows. */
  extraRepositories: v.optional(
    v.pipe(v.array(ExtraRepository, 'a list of repositories'), v.maxLength(50)),
    [],
  ),
  /** Mounted when something looks at them, or from the boot on by lines in fstab; never both. */
  mount: v.optional(v.picklist(['autofs', 'fstab'], 'one of: autofs, fstab'), 'autofs'),
  /** The client may be installed where the image has none. */
  install: v.optional(v.boolean('true or false'), false),
  packages: v.optional(Packages, {}),
});
export type Cvmfs = v.InferOutput<typeof Cvmfs>;
