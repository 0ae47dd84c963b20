import type { Candidate } from './candidate.ts';

/** `http://192.0.2.1:3128`, `http://[2001:db8::1]:3128` (RFC 3986 section 3.2.2). */
export const proxyUrl = ({ address, port }: Pick<Candidate, 'address' | 'port'>): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}`;

/**
 * The value of CVMFS_HTTP_PROXY: the squids in one group, which the CVMFS client balances and fails
 * over inside (`|`), then the default as groups of its own (`;`). Empty if there is neither.
 */
export const proxyString = (squids: readonly Candidate[], defaultProxies = ''): string =>
  [squids.map(proxyUrl).join('|'), defaultProxies].filter(group => group !== '').join(';');
