const BLOCK = 512;
/** Entries that are looked at; what we read holds two. */
const ENTRIES = 16;

const textAt = (header: Buffer, from: number, length: number): string => {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString('latin1');
};

const octalAt = (header: Buffer, from: number, length: number): number | undefined => {
  const digits = textAt(header, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
};

/** The sum of a header's bytes, with its own field counted as blanks. */
const checksumOf = (header: Buffer): number =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);

/**
 * The plain files of a POSIX ustar or GNU archive in memory, by name. Nothing is written anywhere, so
 * a name leads nowhere; links, folders and devices are passed over.
 * @returns nothing where a header is damaged, a file is cut off, or there are too many
 */
export const readTar = (archive: Buffer): ReadonlyMap<string, Buffer> | undefined => {
  const files = new Map<string, Buffer>();
  for (let at = 0, entry = 0; at + BLOCK <= archive.length; entry += 1) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every(byte => byte === 0)) return files;
    const size = octalAt(header, 124, 12);
    if (entry >= ENTRIES || size === undefined || octalAt(header, 148, 8) !== checksumOf(header))
      return undefined;
    const from = at + BLOCK;
    if (from + size > archive.length) return undefined;
    const kind = textAt(header, 156, 1);
    if (kind === '' || kind === '0')
      files.set(textAt(header, 0, 100).replace(/^\.\//, ''), archive.subarray(from, from + size));
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files.size === 0 ? undefined : files;
};
