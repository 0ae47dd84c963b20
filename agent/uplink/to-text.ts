/** Ends at a whole character; what is not UTF-8 becomes one `?` a byte, so that offsets stay true. */
export const toText = (bytes: Buffer): string => {
  let end = bytes.length;
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (needed > back) end = bytes.length - back;
      break;
    }
  }
  const whole = bytes.subarray(0, end);
  const text = whole.toString('utf8');
  return Buffer.byteLength(text) === whole.length && !text.includes('\uFFFD')
    ? text
    : whole.toString('latin1').replace(/[^\n\t\x20-\x7E]/g, '?');
};
