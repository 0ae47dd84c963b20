import * as v from 'valibot';
import { HttpUrl, Label, Secret, text } from './words.ts';

/** Where heartbeats go, how that server proves itself, and what this VM is called there. */

export const CertificateAuthorities = v.pipe(
  v.string('PEM certificates'),
  v.includes('-----BEGIN CERTIFICATE-----', 'PEM certificates'),
  v.maxLength(65_536),
);
export const KeyPin = text(
  /^sha256\/\/[A-Za-z0-9+/]{43}=$/,
  'sha256//<base64 of the SHA-256 of the public key>',
);

/** True for TLS, for this machine itself, and where it was allowed in as many words. */
export const isPlainHttpAllowed = ({
  url,
  allowPlainHttp,
}: {
  url: string;
  allowPlainHttp: boolean;
}): boolean =>
  allowPlainHttp ||
  url.startsWith('https:') ||
  /^http:\/\/(?:localhost|127\.[0-9.]+|\[::1\])[:/]?/.test(`${url}/`);

export const Receiver = v.pipe(
  v.strictObject({
    /** Where heartbeats go: `https://receiver.example.org:8443`. */
    url: HttpUrl,
    /** PEM certificates of the authority that signed the receiver's. */
    ca: v.optional(CertificateAuthorities),
    /** Hash of the receiver's public key, as RFC 7469 writes it. */
    pin: v.optional(KeyPin),
    /** Plain HTTP to anything but this machine itself is refused unless this says yes. */
    allowPlainHttp: v.optional(v.boolean('true or false'), false),
    /** Exchanged once for a credential of this VM alone. */
    enrolmentSecret: Secret,
  }),
  v.check(
    receiver => isPlainHttpAllowed(receiver),
    'plain HTTP beyond this machine needs allowPlainHttp: true',
  ),
);
export type Receiver = v.InferOutput<typeof Receiver>;

export const Identity = v.strictObject({
  site: v.optional(Label),
  endpoint: v.optional(Label),
  runningPod: v.optional(Label),
  vo: v.optional(Label),
  image: v.optional(Label),
  instanceType: v.optional(Label),
});
