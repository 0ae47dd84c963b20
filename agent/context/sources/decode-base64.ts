import { PilotageError } from '../../../platform/errors.ts';

/** The decoded bytes; `undefined` for a text that is no base64 (RFC 4648, padding and line breaks optional). */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const compact = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1)
    return undefined;
  return Buffer.from(compact, 'base64');
};

/** Where a source says that it is base64; `reply-invalid` if it is not. */
export const needBase64 = (text: string, what: string): Buffer => {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new PilotageError('reply-invalid', `${what} is not base64`);
  return bytes;
};
