import { isIP } from 'node:net';
import { messageOf } from '../../platform/errors.ts';
import type { Context } from '../context/schema.ts';
import { type Check, failed, gravest, ok } from './check.ts';
import { parseProxyString } from './proxies.ts';

/** Every host that the context names and that must be found by name. */
export const namedHosts = ({ receiver, proxy, cvmfs }: Context): string[] => {
  const proxies = cvmfs === undefined ? [] : parseProxyString(cvmfs.proxies);
  const urls = [
    ...(receiver === undefined ? [] : [receiver.url]),
    ...(proxy === undefined ? [] : [proxy.http]),
    ...proxies.flatMap(element => (element.kind === 'proxy' ? [element.url] : [])),
  ];
  const hosts = urls.map(url => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(hosts)].filter(host => isIP(host) === 0);
};

export const dns: Check = {
  name: 'dns',
  run: async ({ context }, { lookup }) => {
    const outcomes = namedHosts(context).map(async host => {
      try {
        return ok(`${host} is ${(await lookup(host)).join(', ')}`);
      } catch (error) {
        return failed(`${host} is not found: ${messageOf(error)}`);
      }
    });
    return gravest(await Promise.all(outcomes), 'the context names no host');
  },
};
