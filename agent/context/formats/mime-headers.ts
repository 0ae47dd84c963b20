/** The head of a MIME message or part (RFC 2045), and where its body begins. */
export interface MimeHead {
  /** Lower-case names; of a header given twice the first counts. */
  headers: ReadonlyMap<string, string>;
  bodyAt: number;
}

const HEAD_CHARACTERS = 16 * 1024;

/** @param latin1 begins at the head; nothing is returned where it is no head */
export const parseHead = (latin1: string): MimeHead | undefined => {
  const head = latin1.slice(0, HEAD_CHARACTERS);
  const blank = /(?:^|\r?\n)(?=\r?\n)/.exec(head);
  if (blank === null) return undefined;
  const block = head.slice(0, blank.index).replace(/\r?\n[ \t]+/g, ' ');
  const headers = new Map<string, string>();
  for (const line of block === '' ? [] : block.split(/\r?\n/)) {
    // mbox's first line may stand before a message.
    if (line.startsWith('From ') && headers.size === 0) continue;
    const [, name, value] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value.trim());
  }
  const after = blank.index + blank[0].length;
  return { headers, bodyAt: after + (/^\r?\n/.exec(head.slice(after))?.[0].length ?? 0) };
};

export interface MediaType {
  /** `text/cloud-config`, in lower case. */
  type: string;
  parameters: ReadonlyMap<string, string>;
}

/** RFC 2045, section 5.1; quoted or plain parameters. Without the header it is text/plain. */
export const parseMediaType = (header = 'text/plain'): MediaType => {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of header.matchAll(
    /;\s*([A-Za-z0-9*_-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))/g,
  ))
    if (!parameters.has(name.toLowerCase()))
      parameters.set(name.toLowerCase(), quoted ?? plain ?? '');
  return { type: (header.split(';')[0] ?? '').trim().toLowerCase(), parameters };
};
