import * as v from 'valibot';
import { text } from './words.ts';

/** Whom programs of the grid trust. */

const CvmfsPath = text(
  /^\/cvmfs\/(?!.*\/\.{0,2}(?:\/|$))[a-z0-9][a-z0-9.-]*\.[a-z0-9-]+(?:\/[A-Za-z0-9._-]+)+$/,
  'a path such as /cvmfs/grid.cern.ch/etc/grid-security/certificates',
);

export const Authorities = v.strictObject({
  from: v.literal('cvmfs', 'from: cvmfs'),
  /** Certificates and revocation lists of the authorities, kept fresh by who publishes the repository. */
  path: v.optional(CvmfsPath, '/cvmfs/grid.cern.ch/etc/grid-security/certificates'),
  /** The servers of VOMS too: `vomsdir` and `vomses` beside the certificates. */
  voms: v.optional(v.boolean('true or false'), true),
});
