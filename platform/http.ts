/** The port by which programs ask servers; `undici-http` and `light-http` are behind it. */

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'MKCOL';
  /** Path and query, from the server's root; a whole address where the server is a proxy. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Instead of a body what is too long for one; its length is said by a header. */
  pieces?: AsyncIterable<Uint8Array>;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal;
  /** How the answer's bytes become its body: `utf8` if not said; `latin1` keeps each byte as one character. */
  encoding?: 'utf8' | 'latin1';
}

export interface HttpReply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** One server, one connection, kept while it is used. No redirects are followed. */
export interface HttpServer {
  /**
   * Any status is a reply. Fails with `http-timeout`, `http-untrusted`, `reply-invalid` (too large)
   * or `http-failed`.
   */
  request(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

/** How a server proves itself: by the system's authorities, by a given one, or by its key. */
export interface Trust {
  /** PEM certificates that replace the system's. */
  ca?: string | undefined;
  /** `sha256//<base64>` of the key's SubjectPublicKeyInfo (RFC 7469); the chain is then not asked. */
  pin?: string | undefined;
}

export type Http = (origin: string, trust?: Trust) => HttpServer;

export const KEEP_ALIVE_MS = 90_000;
export const CONNECT_MS = 10_000;
