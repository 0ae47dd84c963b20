import * as v from 'valibot';
import { CertificateAuthorities, isPlainHttpAllowed, KeyPin } from './receiver.ts';
import { CredentialName, Duration, whole } from './words.ts';

/** What becomes of the logs of pilots: how much of them stays on the VM, and where all of them go. */

/** It may carry a signature, which is a secret; no reference is replaced in it. */
const UploadUrl = v.pipe(
  v.string('an address'),
  v.maxLength(4000, 'at most 4000 characters'),
  v.regex(
    /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][!$&'()*+,;=:@/?A-Za-z0-9._~%-]*)?$/,
    'an address such as https://dav.example.org/@vm@/@log@, or one that S3 signed',
  ),
  v.metadata({ secret: true }),
);

const Upload = v.pipe(
  v.strictObject({
    /**
     * Where logs are put (HTTP PUT), as a rule by WebDAV: `@vm@` stands for the VM's id in its cloud, `@log@` for
     * the name of a log, each of which is put once its run has ended. Without `@log@` all of them go
     * there as one archive when the VM ends, as into an object of S3 by an address that was signed.
     */
    url: UploadUrl,
    /** Which of `credentials` is the bearer token that the server takes. */
    credential: v.optional(CredentialName),
    /** PEM certificates of the authority that signed the server's. */
    ca: v.optional(CertificateAuthorities),
    /** Hash of the server's public key, as RFC 7469 writes it. */
    pin: v.optional(KeyPin),
    /** Plain HTTP to anything but this machine itself is refused unless this says yes. */
    allowPlainHttp: v.optional(v.boolean('true or false'), false),
  }),
  v.check(
    upload => isPlainHttpAllowed(upload),
    'plain HTTP beyond this machine needs allowPlainHttp: true',
  ),
);
export type LogUpload = v.InferOutput<typeof Upload>;

export const Logs = v.strictObject({
  /** Most that the logs of one pilot take on the disk; what is old is compressed, then goes. */
  perPilotMb: v.optional(whole(1, 1_000_000), 32),
  /** Most that the logs of all pilots take. They give way before that where others fill the disk. */
  totalMb: v.optional(whole(1, 10_000_000), 1024),
  /** How long the logs of a pilot that has ended are kept. */
  keep: v.optional(Duration, '7d'),
  upload: v.optional(Upload),
});
export type Logs = v.InferOutput<typeof Logs>;
