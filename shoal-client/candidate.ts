/** Which traffic a cache takes: everything, CVMFS only, or Frontier (conditions data) only. */
export type Upstream = 'both' | 'cvmfs' | 'frontier';

/** One cache that a Shoal server named, by the address at which this client would use it. */
export interface Candidate {
  hostname: string;
  /** An IPv4 or IPv6 literal, without brackets. */
  address: string;
  port: number;
  /** True for the address inside the squid's own network. */
  isPrivate: boolean;
  upstream: Upstream;
  /**
   * The server's cost of using it, between 0 and 1 for a squid that is not overloaded: half
   * great-circle distance, half load. Missing where the server states none.
   */
  distance?: number;
  /** What the squid sends, KiB/s. */
  loadKibps?: number;
}
