/**
 * What may make a sick node well again. It is decided like everything else, and carried out beside the
 * ticks, which never wait for it.
 */
export type Repair =
  /** Repositories that do not answer are mounted anew. */
  | { kind: 'remount-cvmfs' }
  /** The CVMFS client chooses anew among the proxies that it has; none is looked for elsewhere. */
  | { kind: 'rebalance-squids' };
