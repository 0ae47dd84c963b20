import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

/** The variables that tell programs of a web proxy; both spellings are in use. */
export const proxyEnvironment = ({ proxy }: Pick<Context, 'proxy'>): Record<string, string> => {
  if (proxy === undefined) return {};
  const noProxy = proxy.noProxy.join(',');
  return {
    http_proxy: proxy.http,
    https_proxy: proxy.http,
    no_proxy: noProxy,
    HTTP_PROXY: proxy.http,
    HTTPS_PROXY: proxy.http,
    NO_PROXY: noProxy,
  };
};

/** The proxy for log-ins and for Debian's package manager. */
export const planProxies = (context: Context): Step[] => {
  const { proxy } = context;
  if (proxy === undefined) return [];
  const exports = Object.entries(proxyEnvironment(context)).map(
    ([name, value]) => `export ${name}='${value}'`,
  );
  return [
    {
      kind: 'proxies',
      id: 'proxies',
      what: `use the web proxy ${proxy.http}`,
      lasts: 'instance',
      files: [
        {
          path: '/etc/profile.d/pilotage-proxy.sh',
          content: `# Written by pilotage-agent from the context.\n${exports.join('\n')}\n`,
          mode: 0o644,
        },
        {
          path: '/etc/apt/apt.conf.d/95pilotage-proxy',
          content: `Acquire::http::Proxy "${proxy.http}";\n`,
          mode: 0o644,
        },
      ],
    },
  ];
};
