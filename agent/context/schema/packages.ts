import * as v from 'valibot';
import { Duration, text } from './words.ts';

/** Where packages of the CVMFS client come from. */

/** Nobody signs a release package for the machine that has no key yet, so it comes by https alone. */
const ReleaseUrl = text(
  /^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?\/[A-Za-z0-9._~/+-]*\.(?:rpm|deb)$/,
  'an https address of a .rpm or .deb',
  500,
);
const RepositoryUrl = text(
  /^https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?\/(?:[A-Za-z0-9._~/+-]|\$(?:releasever|basearch))*$/,
  'an http or https address of a package repository',
  500,
);
const ARMOUR = 'a public key of OpenPGP in ASCII armour';
/** RFC 9580, section 6: its lines, and nothing that could leave them. */
const SigningKey = v.pipe(
  v.string(ARMOUR),
  v.maxLength(65_536, 'at most 64 KiB'),
  v.regex(
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[A-Za-z0-9+/=:. \n-]+-----END PGP PUBLIC KEY BLOCK-----\n?$/,
    ARMOUR,
  ),
);

const Source = v.strictObject({
  url: RepositoryUrl,
  /** By which its packages are signed. */
  key: SigningKey,
  /** Debian's families: as after the address in a `deb` line. */
  suite: v.optional(
    text(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, 'a suite such as bookworm-prod'),
    'stable',
  ),
  component: v.optional(text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a component such as main'), 'main'),
});

export const Packages = v.pipe(
  v.strictObject({
    names: v.optional(
      v.pipe(
        v.array(
          text(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,99}$/, 'the name of a package'),
          'a list of packages',
        ),
        v.minLength(1, 'at least one package'),
        v.maxLength(20, 'at most 20'),
      ),
      ['cvmfs'],
    ),
    /**
     * The package that brings the repository and its keys; that of CernVM-FS if not said. `none`: the
     * machine's own sources have the client.
     */
    release: v.optional(
      v.union([ReleaseUrl, v.literal('none')], 'an https address of a .rpm or .deb, or none'),
    ),
    /** A repository in its place. */
    repository: v.optional(Source),
    /** How long the installation may take. */
    limit: v.optional(Duration, '15m'),
  }),
  v.check(
    ({ release, repository }) => release === undefined || repository === undefined,
    'a release package or a repository, not both',
  ),
);
