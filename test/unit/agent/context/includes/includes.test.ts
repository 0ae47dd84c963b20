import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findContext } from '../../../../../agent/context/find-context.ts';
import {
  expandIncludes,
  type IncludeReader,
} from '../../../../../agent/context/includes/expand.ts';
import { parseContext } from '../../../../../agent/context/parse.ts';
import { resolveLifeline } from '../../../../../agent/context/resolve-lifeline.ts';
import { readLifeline } from '../../../../../agent/context/resolved.ts';
import { createLog } from '../../../../../platform/log.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const MACHINE = { instanceId: 'i', bootId: 'b-1', hostname: 'h' };
const signal = AbortSignal.timeout(9000);
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const site = (name: string, more = '') => `version: 1\nidentity: {site: ${name}}\n${more}`;

/** Texts with what they include, from files in memory that lie in /x. */
const expand = (
  text: string,
  contents: Record<string, string | Buffer> = {},
  more: Partial<Parameters<typeof expandIncludes>[1]> & { fetch?: IncludeReader['fetch'] } = {},
) => {
  const { fetch, ...rest } = more;
  const readFile = async (path: string) => {
    const content = contents[path];
    return content === undefined ? undefined : Buffer.from(content);
  };
  return expandIncludes([{ name: 'site.yaml', text }], {
    reader: fetch === undefined ? { readFile } : { readFile, fetch },
    originOf: () => ({ folder: '/x', allowed: undefined }),
    facts: {},
    ...rest,
  });
};
const siteOf = ({ texts }: { texts: Parameters<typeof parseContext>[0] }) =>
  parseContext(texts).context.identity.site;

describe('what is included', () => {
  test('comes first, in its order, so that whoever includes it overrides it', async () => {
    const contents = {
      '/x/a.yaml': site('A', 'hold: 1m\nscratch: {path: /a}\n'),
      '/y/b.yaml': site('B', 'hold: 2m\n'),
    };
    const both = await expand('version: 1\ninclude: [a.yaml, /y/b.yaml]\n', contents);
    expect(both.texts.map(({ name }) => name)).toEqual([
      'site.yaml > /x/a.yaml',
      'site.yaml > /y/b.yaml',
      'site.yaml',
    ]);
    const { context, merged } = parseContext(both.texts);
    expect(context).toMatchObject({
      identity: { site: 'B' },
      hold: 120_000,
      scratch: { path: '/a' },
    });
    expect(merged).not.toHaveProperty('include');
    expect(siteOf(await expand(site('S', 'include: [a.yaml]\n'), contents))).toBe('S');
  });

  test('may include others, from its own folder', async () => {
    const contents = {
      '/y/a.yaml': 'version: 1\ninclude: [z/b.yaml]\n',
      '/y/z/b.yaml': site('B'),
    };
    expect(siteOf(await expand('version: 1\ninclude: [/y/a.yaml]\n', contents))).toBe('B');
  });

  test('is read in any form', async () => {
    const contents = { '/x/a.gz': gzipSync(site('packed')) };
    expect(siteOf(await expand('version: 1\ninclude: [a.gz]\n', contents))).toBe('packed');
  });

  test('may be chosen by facts of the VM', async () => {
    const text = `version: 1\ninclude: ["\${vm.zone}.yaml"]\n`;
    const facts = { zone: 'z1' };
    const { texts } = await expand(text, { '/x/z1.yaml': site('Z') }, { facts });
    expect(parseContext(texts, facts).context.identity.site).toBe('Z');
  });

  test('may be missing where it is optional, and is then noted', async () => {
    const found = await expand(site('S', 'include: [{file: none.yaml, optional: true}]\n'));
    expect(siteOf(found)).toBe('S');
    expect(found.notices).toEqual([expect.stringContaining('there is no file /x/none.yaml')]);
  });

  test('is held to its sha256, optional or not', async () => {
    const contents = { '/x/a.yaml': site('A') };
    const include = (hash: string) =>
      `version: 1\ninclude: [{file: a.yaml, sha256: "${hash}", optional: true}]\n`;
    expect(siteOf(await expand(include(sha256(site('A'))), contents))).toBe('A');
    await expect(expand(include(sha256('other')), contents)).rejects.toThrow(
      /^site\.yaml:2: include\.0: the SHA-256 of \/x\/a\.yaml is [0-9a-f]{64}; remedy: /,
    );
  });

  test('that is wrong is told by the chain that leads to it', async () => {
    const contents = { '/x/a.yaml': 'version: 1\ninclude: [b.yaml]\n', '/x/b.yaml': 'hold: 1m\n' };
    const { texts } = await expand('version: 1\ninclude: [a.yaml]\n', contents);
    expect(() => parseContext(texts)).toThrow(
      /^site\.yaml > \/x\/a\.yaml > \/x\/b\.yaml:1: version: missing/,
    );
  });
});

describe('refused, with the place that asks for it:', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [
      `/x/${at}.yaml`,
      `version: 1\ninclude: [${at + 1}.yaml]\n`,
    ]),
  );
  test.each<[string, string, Record<string, string>, RegExp]>([
    ['nothing', '[none.yaml]', {}, /^site\.yaml:2: include\.0: there is no file \/x\/none\.yaml/],
    [
      'a cycle',
      '[a.yaml]',
      {
        '/x/a.yaml': 'version: 1\ninclude: [b.yaml]\n',
        '/x/b.yaml': 'version: 1\ninclude: [a.yaml]\n',
      },
      /^site\.yaml > \/x\/a\.yaml > \/x\/b\.yaml:2: include\.0: it includes itself: \/x\/a\.yaml > \/x\/b\.yaml > \/x\/a\.yaml/,
    ],
    ['a chain that is too long', '[0.yaml]', chain, /: included too deeply; remedy: at most 4/],
    [
      'too many',
      `[${Array.from({ length: 33 }, () => 'a.yaml').join(', ')}]`,
      { '/x/a.yaml': 'version: 1\n' },
      /^site\.yaml:2: include: not understood; remedy: at most 32/,
    ],
    [
      'too many in all',
      `[${Array.from({ length: 7 }, () => 'a.yaml').join(', ')}]`,
      {
        '/x/a.yaml': `version: 1\ninclude: [${Array.from({ length: 7 }, () => 'b.yaml').join(', ')}]\n`,
        '/x/b.yaml': 'version: 1\n',
      },
      /too many includes; remedy: at most 32 in all/,
    ],
    [
      'too much',
      `[${Array.from({ length: 20 }, () => 'a.yaml').join(', ')}]`,
      { '/x/a.yaml': `version: 1\nx-a: ${'y'.repeat(250_000)}\n` },
      /too large; remedy: at most 4 MiB in all/,
    ],
    ['plain HTTP', '["http://example.org/a.yaml"]', {}, /http needs url and sha256/],
    ['a way out', '[a/../../b.yaml]', {}, /without \. or \.\./],
    [
      'a mistyped key',
      '[{fil: a.yaml}]',
      {},
      /include\.0\.fil: unknown key; remedy: did you mean file\?/,
    ],
    ['both', '[{file: a.yaml, url: "https://a.example.org"}]', {}, /either file or url/],
  ])('%s', async (_what, include, contents, problem) => {
    await expect(expand(`version: 1\ninclude: ${include}\n`, contents)).rejects.toThrow(problem);
  });

  test.each<[string, string, RegExp]>([
    [
      'a file beyond the folders of the machine',
      '/etc/shadow',
      /\/etc\/shadow may not be included/,
    ],
    ['a folder that only begins like one', '/etc/pilotage-x/a.yaml', /may not be included/],
    ['a relative path in user-data', 'a.yaml', /relative to no file/],
  ])('%s', async (_what, path, problem) => {
    const originOf = () => ({ folder: undefined, allowed: ['/etc/pilotage'] });
    const contents = { [path]: 'version: 1\n' };
    await expect(
      expand(`version: 1\ninclude: [${path}]\n`, contents, { originOf }),
    ).rejects.toThrow(problem);
  });
});

test('an address that is not asked is told', async () => {
  const { unread, texts } = await expand('version: 1\ninclude: ["https://a.example.org/b"]\n');
  expect(unread).toEqual(['https://a.example.org/b']);
  expect(texts).toHaveLength(1);
});

describe('on a machine', () => {
  const BASE = site('fetched', 'receiver: {url: https://r.example.org, enrolmentSecret: s}\n');

  /** A machine whose context includes an address of a server that may fail at first. */
  const createMachine = async (failures = 0) => {
    let requests = 0;
    const { origin } = await startLoopbackServer((request, response) => {
      requests += 1;
      const status = request.url !== '/base.yaml' ? 404 : requests <= failures ? 503 : 200;
      response.writeHead(status).end(status === 200 ? BASE : 'no');
    });
    const ports = { ...createSourcePorts(), log: createLog('silent', () => undefined) };
    const put = async (path: string, content: string) => {
      await ports.files.makeDirectory(path.slice(0, path.lastIndexOf('/')), { mode: 0o755 });
      await ports.files.write(path, content, { mode: 0o600 });
    };
    const include = (path: string, more = '') =>
      `version: 1\ninclude: [{url: "${origin}${path}", sha256: "${sha256(BASE)}"${more}}]\n`;
    const find = (machine = MACHINE, mayWrite = true) =>
      findContext(ports, { machine, mayWrite }, signal);
    return { ports, put, include, find, requests: () => requests };
  };
  const OWN = '/etc/pilotage/context.d/50-site.yaml';

  test('an address is asked again while it fails, then kept for the boot, closed to others', async () => {
    const { ports, put, include, find, requests } = await createMachine(2);
    await put(OWN, include('/base.yaml'));
    expect(siteOf(await find())).toBe('fetched');
    expect(requests()).toBe(3);
    expect(siteOf(await find())).toBe('fetched');
    expect(requests()).toBe(3);
    const [kept = ''] = await ports.files.list('/run/pilotage/includes');
    expect((await ports.files.facts('/run/pilotage/includes'))?.mode).toBe(0o700);
    expect((await ports.files.facts(`/run/pilotage/includes/${kept}`))?.mode).toBe(0o600);
    expect(siteOf(await find({ ...MACHINE, bootId: 'b-2' }))).toBe('fetched');
    expect(requests()).toBe(4);
  });

  test('nothing is kept where nothing may be written', async () => {
    const { ports, put, include, find } = await createMachine();
    await put(OWN, include('/base.yaml'));
    await find(MACHINE, false);
    expect(await ports.files.list('/run/pilotage/includes')).toEqual([]);
  });

  test('an address without an answer fails the context, unless it is optional', async () => {
    const { put, include, find } = await createMachine();
    await put(OWN, include('/none'));
    await expect(find()).rejects.toThrow(
      /50-site\.yaml:2: include\.0: .*answers 404 to \/none; remedy: /,
    );
    await put(OWN, include('/none', ', optional: true'));
    expect((await find()).texts).toHaveLength(1);
  });

  test('files lie beside the context, and no link leads out', async () => {
    const { ports, put, find } = await createMachine();
    await put(OWN, 'version: 1\ninclude: [/etc/pilotage/base.yaml]\n');
    await put('/etc/pilotage/base.yaml', site('beside'));
    expect(siteOf(await find())).toBe('beside');
    await ports.files.remove('/etc/pilotage/base.yaml');
    const { symlink } = await import('node:fs/promises');
    await put('/srv/secret.yaml', site('secret'));
    await symlink(
      ports.files.locate('/srv/secret.yaml'),
      ports.files.locate('/etc/pilotage/base.yaml'),
    );
    await expect(find()).rejects.toThrow(/include\.0: cannot read/);
  });

  test('the lifeline is found in what user-data includes, and goes without what cannot be had', async () => {
    const { ports, put, include } = await createMachine();
    const lifelineOf = async (userData: string) => {
      await ports.files.remove('/run');
      await put('/dev/disk/by-label/CONTEXT/context.sh', `USER_DATA='${userData}'\n`);
      await resolveLifeline(ports, MACHINE, signal);
      return readLifeline(ports.files);
    };
    const there = await lifelineOf(include('/base.yaml'));
    expect(there.receiver?.url).toBe('https://r.example.org');
    const gone = await lifelineOf(`${include('/none')}${BASE.replace('version: 1\n', '')}`);
    expect(gone).toMatchObject({ identity: { site: 'fetched' } });
    expect(gone.receiver?.url).toBe('https://r.example.org');
  });
});
