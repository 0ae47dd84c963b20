const BLOCK_BYTES = 512;

const octal = (value: number, chars: number): string =>
  `${Math.floor(value)
    .toString(8)
    .padStart(chars - 1, '0')}\0`;

/** The header of a regular file in an archive (POSIX.1-1988, ustar). Names are up to 100 characters. */
export const tarHeader = (name: string, sizeBytes: number, modifiedS: number): Buffer => {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100, 'latin1');
  header.write(octal(0o600, 8), 100, 'latin1');
  header.write(octal(0, 8), 108, 'latin1');
  header.write(octal(0, 8), 116, 'latin1');
  header.write(octal(sizeBytes, 12), 124, 'latin1');
  header.write(octal(modifiedS, 12), 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
};

/** What follows a file, so that the next header begins a block. */
export const tarPadding = (sizeBytes: number): Buffer =>
  Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);

/** What follows the last file. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK_BYTES);
