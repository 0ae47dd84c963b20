import { gzipSync } from 'node:zlib';
import { refusal } from '../problem.ts';
import { CLOUDS, isBase64, isGzip, type Limit } from './clouds.ts';
import type { CloudName, Encoding, Form } from './words.ts';

/** User-data as its cloud takes it. */
export interface Packed {
  bytes: Buffer;
  encoding: Encoding;
  /** What the limit counts, bytes. */
  counted: number;
  limit: Limit;
}

const encode = (text: string, encoding: Encoding, limit: Limit): Packed => {
  // No time in its head: the same text gives the same bytes.
  const raw = isGzip(encoding) ? gzipSync(text, { level: 9 }) : Buffer.from(text);
  const bytes = isBase64(encoding) ? Buffer.from(raw.toString('base64')) : raw;
  const counts = {
    raw: raw.length,
    base64: Math.ceil(raw.length / 3) * 4,
    stored: bytes.length,
  };
  return { bytes, encoding, counted: counts[limit.of], limit };
};

const tooLarge = (title: string, { counted, encoding, limit }: Packed) =>
  refusal({
    code: 'too-large',
    file: `user-data for ${title}`,
    line: 0,
    message: `${counted} bytes${isGzip(encoding) ? ', compressed,' : ''} are ${counted - limit.bytes} over the limit ${limit.because}: ${limit.bytes}`,
    remedy: 'put what all VMs share into the image, under /usr/lib/pilotage/context.d',
  });

/**
 * Packs user-data for a cloud: in the encoding asked for, or in the first that the cloud prefers and
 * that fits.
 * @throws context-invalid (`too-large`) that says by how much it does not fit
 */
export const packUserData = (
  text: string,
  name: CloudName,
  form: Form,
  asked?: Encoding | undefined,
): Packed => {
  const { title, limitOf, preferred } = CLOUDS[name];
  const limit: Limit = limitOf(form);
  const packed = (asked === undefined ? preferred : [asked]).map(encoding =>
    encode(text, encoding, limit),
  );
  const fitting = packed.find(({ counted }) => counted <= limit.bytes);
  if (fitting !== undefined) return fitting;
  const smallest = packed.reduce((least, next) => (next.counted < least.counted ? next : least));
  throw tooLarge(title, smallest);
};
