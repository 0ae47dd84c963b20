/** One element of a CVMFS proxy string. */
export type ProxyElement = { kind: 'direct' } | { kind: 'auto' } | { kind: 'proxy'; url: string };

/** `;` separates groups, `|` members of a group; an address without a scheme is http. */
export const parseProxyString = (proxies: string): ProxyElement[] =>
  proxies.split(/[;|]/).map(element => {
    if (element === 'DIRECT') return { kind: 'direct' };
    if (element === 'auto') return { kind: 'auto' };
    return { kind: 'proxy', url: /^https?:\/\//.test(element) ? element : `http://${element}` };
  });
