/** A part of a MIME message, by its media type. */
export interface MimePart {
  type: string;
  text: string;
  fileName: string;
  /** How cloud-init joins it with the parts before it. */
  mergeType?: string;
}

/** Lists one after the other: else the last cloud-config's write_files replace those of the others. */
export const APPENDING = 'list(append)+dict(recurse_array)+str()';

/** What cloud-init knows a part by that stands alone; of its handlers/__init__.py. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^#cloud-config-archive\b/, 'text/cloud-config-archive'],
  [/^#cloud-config\s*(?:\n|$)/, 'text/cloud-config'],
  [/^#cloud-boothook\b/, 'text/cloud-boothook'],
  [/^#include-once\b/, 'text/x-include-once-url'],
  [/^#include\b/, 'text/x-include-url'],
  [/^#part-handler\b/, 'text/part-handler'],
  [/^## template: ?jinja\b/, 'text/jinja2'],
  [/^#!/, 'text/x-shellscript'],
];

/** The media type of a text by its first line; nothing where cloud-init would not know it. */
export const typeOf = (text: string): string | undefined =>
  TYPES.find(([pattern]) => pattern.test(text))?.[1];

/** RFC 2045: lines of at most 998 characters of ASCII go as they are, all else as base64 in lines of 76. */
const renderBody = (text: string): [encoding: string, body: string] => {
  const isPlain =
    /^[\t\n\x20-\x7e]*$/.test(text) && !/[^\n]{900}/.test(text) && text.endsWith('\n');
  if (isPlain) return ['7bit', text];
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return ['base64', `${lines.join('\n')}\n`];
};

const renderPart = ({ type, text, fileName, mergeType }: MimePart): string => {
  const [encoding, body] = renderBody(text);
  return [
    `Content-Type: ${type}; charset="utf-8"`,
    'MIME-Version: 1.0',
    `Content-Transfer-Encoding: ${encoding}`,
    `Content-Disposition: attachment; filename="${fileName}"`,
    ...(mergeType === undefined ? [] : [`Merge-Type: ${mergeType}`]),
    '',
    body,
  ].join('\n');
};

/** A multi-part message (RFC 2046) as cloud-init reads it; the same parts give the same message. */
export const renderMime = (parts: readonly MimePart[]): string => {
  const bodies = parts.map(renderPart);
  let boundary = 'pilotage';
  for (let count = 0; bodies.some(body => body.includes(`--${boundary}`)); count += 1)
    boundary = `pilotage-${count}`;
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    ...bodies.flatMap(body => [`--${boundary}`, body]),
    `--${boundary}--`,
    '',
  ].join('\n');
};
