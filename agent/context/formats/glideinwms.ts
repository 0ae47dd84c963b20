import * as v from 'valibot';
import { Document } from 'yaml';
import { fitLifetime } from '../fit-lifetime.ts';
import { contextInvalid } from '../problem.ts';
import { Glidein } from '../schema/glidein.ts';
import { type GlideinElements, glideinDamaged, readElements } from './glideinwms-elements.ts';
import { type Ini, parseIni } from './ini.ts';
import type { Format, Piece } from './piece.ts';
import { textOf } from './text.ts';

/** Keys of the INI file that have a place in a context. */
const KEYS: Readonly<Record<string, string>> = {
  webbase: 'glidein_startup.webbase',
  args: 'glidein_startup.args',
  proxyFile: 'glidein_startup.proxy_file_name',
  tokenFile: 'glidein_startup.idtoken_file_name',
  contextualizationType: 'vm_properties.contextualization_type',
  disableShutdown: 'vm_properties.disable_shutdown',
};
const LIFETIME = 'vm_properties.max_lifetime';

const words = (text: string): string[] => text.split(/\s+/).filter(word => word !== '');

/** The word after an option. */
const optionOf = (args: readonly string[], option: string): string | undefined => {
  const at = args.indexOf(option);
  return at === -1 ? undefined : args[at + 1];
};

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** The section of our context, still to be validated; what is not given is left out. */
const toGlidein = (ini: Ini, { extraArgs, proxy, token }: GlideinElements): object => {
  const value = (key: string): string | undefined => ini.get(KEYS[key] ?? '')?.value;
  const args = words(`${value('args') ?? ''} ${extraArgs}`);
  const shutdown = value('disableShutdown');
  const all = {
    webbase: value('webbase'),
    args,
    factory: optionOf(args, '-factory'),
    glidein: optionOf(args, '-name'),
    entry: optionOf(args, '-entry'),
    contextualizationType: value('contextualizationType'),
    disableShutdown:
      shutdown === undefined ? undefined : (BOOLEANS[shutdown.toLowerCase()] ?? shutdown),
    proxyFile: proxy === undefined ? undefined : (value('proxyFile') ?? 'pilot_proxy'),
    tokenFile:
      token === undefined ? undefined : (value('tokenFile') ?? 'credential_frontend.idtoken'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, given]) => given !== undefined));
};

const validate = (candidate: object, ini: Ini, metadata: Piece): Glidein => {
  const result = v.safeParse(Glidein, candidate);
  if (result.success) return result.output;
  throw contextInvalid(
    result.issues.map(issue => {
      const key = KEYS[String(issue.path?.[0]?.key)] ?? KEYS.args ?? '';
      const place = { file: metadata.name, line: ini.get(key)?.line ?? 1, key };
      return issue.received === 'undefined'
        ? { ...place, code: 'missing-key', message: 'missing', remedy: `add ${key}` }
        : { ...place, code: 'wrong-value', message: 'not understood', remedy: issue.message };
    }),
  );
};

/** The hard end, and before it a payload's time and a spread that leave room for work. */
const toLifetime = (ini: Ini, metadata: Piece): object | undefined => {
  const given = ini.get(LIFETIME);
  if (given === undefined) return undefined;
  const maxS = Number(given.value);
  if (!/^\d{1,9}$/.test(given.value) || maxS < 60)
    throw glideinDamaged(metadata, LIFETIME, 'no number of seconds, at least 60', given.line);
  return fitLifetime(maxS);
};

const toContext = (elements: GlideinElements): string => {
  const { metadata, proxy, token } = elements;
  const parsed = parseIni(textOf(metadata));
  if ('badLine' in parsed)
    throw glideinDamaged(metadata, '', 'no INI file of keys and values', parsed.badLine);
  const { ini } = parsed;
  const candidate = toGlidein(ini, elements);
  const { proxyFile, tokenFile, entry } = validate(candidate, ini, metadata);
  if (proxyFile !== undefined && proxyFile === tokenFile)
    throw glideinDamaged(metadata, KEYS.tokenFile ?? '', 'proxy and token have the same name');
  const lifetime = toLifetime(ini, metadata);
  const document = new Document({
    version: 1,
    ...(entry === undefined ? {} : { identity: { endpoint: entry } }),
    glidein: candidate,
    credentials: [
      ...(proxyFile === undefined
        ? []
        : [{ name: proxyFile, variable: 'X509_USER_PROXY', content: proxy }]),
      ...(tokenFile === undefined ? [] : [{ name: tokenFile, content: token }]),
    ],
    // As many as the factory counts: one of them a VM, and another only if that could not work.
    pilots: { kind: 'glideinwms', restart: 'on-failure' },
    ...(lifetime === undefined ? {} : { policies: { lifetime } }),
  });
  const known = new Set([...Object.values(KEYS), LIFETIME]);
  document.commentBefore = [
    ' Converted from user-data of glideinWMS.',
    ...[...ini.keys()].filter(key => !known.has(key)).map(key => ` Without a place here: ${key}`),
  ].join('\n');
  return document.toString({ lineWidth: 0 });
};

/** User-data of a glideinWMS factory, in its three forms → the same as a context of ours. */
export const glideinwms: Format = {
  name: 'glideinwms',
  recognises: latin1 =>
    /^\s*glideinwms_metadata=/.test(latin1) ||
    (/^\s*[A-Za-z0-9+/]{16}/.test(latin1) && /^[A-Za-z0-9+/=\s]*####/.test(latin1)),
  read: (piece, budget) => [
    {
      context: { name: `${piece.name} (converted)`, text: toContext(readElements(piece, budget)) },
    },
  ],
};
