import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { ConfigurablePath } from '../software.ts';
import type { PlannedFile, Step } from '../step.ts';
import { HEAD, linesOf, quoted } from './quoted.ts';

type Proxy = NonNullable<Context['proxy']>;

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

/** apt.conf(5): both kinds of address, and hosts that are asked without the proxy. */
const aptFile = ({ http, noProxy }: Proxy): PlannedFile => {
  const hosts = noProxy.filter(host => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(host));
  const lines = ['http', 'https'].flatMap(scheme => [
    `Acquire::${scheme}::Proxy "${http}";`,
    ...hosts.map(host => `Acquire::${scheme}::Proxy::${host} "DIRECT";`),
  ]);
  return { path: '/etc/apt/apt.conf.d/95pilotage-proxy', content: linesOf(lines), mode: 0o644 };
};

const profileFile = (environment: Readonly<Record<string, string>>): PlannedFile => ({
  path: '/etc/profile.d/pilotage-proxy.sh',
  content: linesOf([
    HEAD,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
  ]),
  mode: 0o644,
});

/** fetch-crl reads its folder after its file, and every file in it. */
const FETCH_CRL = { folder: '/etc/fetch-crl.d', file: '/etc/fetch-crl.conf' } as const;

/** The proxy for log-ins, sessions, package managers and fetch-crl, as far as the image has them. */
export const planProxies = (context: Context, { layout }: Pick<Facts, 'layout'> = {}): Step[] => {
  const { proxy } = context;
  if (proxy === undefined) return [];
  const has = (path: ConfigurablePath): boolean =>
    layout?.software?.configurable?.includes(path) ?? false;
  const environment = proxyEnvironment(context);
  const setting = (path: string, section: string, key: string) => ({
    ...{ path, section, key },
    value: proxy.http,
  });
  const [dnf] = (['/etc/dnf/dnf.conf', '/etc/yum.conf'] as const).filter(has);
  const fetchCrl: PlannedFile = {
    path: `${FETCH_CRL.folder}/pilotage-proxy.conf`,
    content: linesOf([HEAD, `http_proxy = ${proxy.http}`]),
    mode: 0o644,
  };
  return [
    {
      kind: 'proxies',
      id: 'proxies',
      what: `use the web proxy ${proxy.http}`,
      lasts: 'instance',
      files: [
        profileFile(environment),
        ...(has('/etc/apt/apt.conf.d') ? [aptFile(proxy)] : []),
        ...(has(FETCH_CRL.folder) ? [fetchCrl] : []),
      ],
      marked: has('/etc/environment')
        ? [
            {
              path: '/etc/environment',
              lines: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
            },
          ]
        : [],
      settings: [
        ...(dnf === undefined ? [] : [setting(dnf, 'main', 'proxy')]),
        ...(has(FETCH_CRL.file) && !has(FETCH_CRL.folder)
          ? [setting(FETCH_CRL.file, '', 'http_proxy')]
          : []),
      ],
    },
  ];
};
