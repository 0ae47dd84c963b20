import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { START_PROGRAM } from '../../../agent/pilot/kinds/dirac-start.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { publishDiracPilot, publishHashes, serveFolders } from '../../support/dirac-pilot.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';

const PYTHON = '/usr/bin/python3';

/** A slot's folder and a place where the pilot is published; the pilot itself is `true`. */
const createBed = () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-dirac-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('home'));
  writeFileSync(at('start.py'), START_PROGRAM);
  writeFileSync(at('pilot.json'), '{"CEs": {"ours": {}}}');
  publishDiracPilot(at('published'));
  const run = (told: object, environment: Readonly<Record<string, string>> = {}) => {
    const instructions = {
      ...{ from: [at('published')], files: ['pilot.tar'], sha512: {}, published: true },
      ...{ authorities: null, pilotJson: at('pilot.json'), home: at('home') },
      ...{ work: at('home/dirac-7'), command: [PYTHON, '-c', 'print("begun")'] },
      ...told,
    };
    writeFileSync(at('start.json'), JSON.stringify(instructions));
    const child = spawn(PYTHON, ['-u', at('start.py'), at('start.json')], { env: environment });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    return new Promise<string>(resolve => child.once('close', () => resolve(output)));
  };
  /** An archive of a shell's text that lays files out in the current folder. */
  const publishArchive = (script: string, ...options: string[]): void => {
    mkdirSync(at('made/in'), { recursive: true });
    execFileSync('sh', ['-c', script], { cwd: at('made/in') });
    execFileSync('tar', ['-C', at('made/in'), '-cPf', at('published/pilot.tar'), ...options]);
    publishHashes(at('published'));
  };
  return { at, run, publishArchive };
};
const NOWHERE = "pilotage: 600 no location has DIRAC's pilot\n";

describe('what starts a DIRAC pilot', () => {
  test('becomes the pilot, in a folder with its files and its pilot.json', async () => {
    const { at, run } = createBed();
    expect(await run({})).toBe(`pilotage: DIRAC's pilot is from ${at('published')}\nbegun\n`);
    expect(readdirSync(at('home/dirac-7')).sort()).toEqual([
      ...['dirac-pilot.py', 'pilot.json', 'pilotTools.py'],
    ]);
    expect(JSON.parse(readFileSync(at('home/dirac-7/pilot.json'), 'utf8'))).toMatchObject({
      CEs: { ours: {} },
      timestamp: '2026-01-01T00:00:00',
    });
  });

  test('clears what earlier runs left, and nothing that they point at', async () => {
    const { at, run } = createBed();
    mkdirSync(at('home/dirac-1/a/b'), { recursive: true });
    execFileSync('chmod', ['0', at('home/dirac-1/a/b'), at('home/dirac-1/a')]);
    mkdirSync(at('kept'));
    writeFileSync(at('kept/file'), '');
    symlinkSync(at('kept'), at('home/dirac-2'));
    mkdirSync(at('home/dirac-3'));
    symlinkSync(at('kept'), at('home/dirac-3/link'));
    mkdirSync(at('home/dirac-7/control'), { recursive: true });
    writeFileSync(at('home/result'), '');
    expect(await run({})).toMatch(/begun\n$/);
    expect(readdirSync(at('home')).sort()).toEqual(['dirac-7', 'result']);
    expect(existsSync(at('home/dirac-7/control'))).toBe(false);
    expect(readdirSync(at('kept'))).toEqual(['file']);
  });

  test('writes nothing outside of its folder, whatever an archive holds', async () => {
    const { at, run, publishArchive } = createBed();
    publishArchive(
      'cp ../../published/*.py . && echo x >../out && ln -s / root && mkdir sub && echo y >sub/file',
      ...['dirac-pilot.py', '../out', 'root', 'sub', join(at('made'), 'out')],
    );
    expect(await run({})).toMatch(/begun\n$/);
    expect(readdirSync(at('home/dirac-7')).sort()).toEqual(['dirac-pilot.py', 'pilot.json', 'sub']);
    expect(readdirSync(at('home'))).toEqual(['dirac-7']);
  });

  test.each<[string, (at: (name: string) => string) => void, RegExp]>([
    [
      'an archive that was changed',
      at => appendFileSync(at('published/pilot.tar'), 'x'),
      /: pilot\.tar has another SHA-512\n/,
    ],
    [
      'a pilot.json that was changed',
      at => writeFileSync(at('published/pilot.json'), '{}'),
      /: pilot\.json has another SHA-512\n/,
    ],
    [
      'a pilot.json that is none',
      at => {
        writeFileSync(at('published/pilot.json'), '[]');
        publishHashes(at('published'));
      },
      /: pilot\.json is no map\n/,
    ],
    [
      'an archive without the pilot',
      at => {
        execFileSync('tar', [
          '-C',
          at('published'),
          '-cf',
          at('published/pilot.tar'),
          'pilotTools.py',
        ]);
        publishHashes(at('published'));
      },
      /: there is no dirac-pilot\.py in it\n/,
    ],
    ['a location without it', at => rmSync(at('published/pilot.tar')), /: has no pilot\.tar\n/],
  ])('refuses %s', async (_, damage, why) => {
    const { at, run } = createBed();
    damage(at);
    const output = await run({});
    expect(output).toMatch(why);
    expect(output.endsWith(NOWHERE)).toBe(true);
  });

  test('of a web server asks for a hash, of the server or of the context', async () => {
    const { at, run } = createBed();
    const hashes = readFileSync(at('published/checksums.sha512'), 'utf8');
    rmSync(at('published/checksums.sha512'));
    const { origin } = await startLoopbackServer(serveFolders({ pilot: at('published') }));
    const from = [`${origin}/pilot/`];
    expect(await run({ from })).toContain(': checksums.sha512 says nothing of pilot.tar\n');
    const hash = /^(\S+) {2}pilot\.tar$/m.exec(hashes)?.[1];
    expect(await run({ from, sha512: { 'pilot.tar': hash } })).toMatch(/begun\n$/);
    const other = { 'pilot.tar': '0'.repeat(128) };
    expect(await run({ from, sha512: other })).toContain(': pilot.tar has another SHA-512\n');
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      'leads to another scheme',
      (_, response) => response.writeHead(302, { location: 'https://127.0.0.1/x' }).end(),
      /: a redirect to https:/,
    ],
    ['is at fault', (_, response) => response.writeHead(503).end(), /: HTTP Error 503/],
    ['hangs up', (_, response) => response.destroy(), /: .*[Rr]emote end closed/],
    ['speaks no HTTP', (_, response) => response.socket?.end('hello\r\n'), /: .*hello/],
    [
      'promises more than it gives',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('x');
        setTimeout(() => response.destroy(), 50);
      },
      /: checksums\.sha512 is cut off\n/,
    ],
  ])('goes on where a server %s', async (_, listener, why) => {
    const { at, run } = createBed();
    const { origin } = await startLoopbackServer(listener);
    const output = await run({ from: [`${origin}/pilot`, at('published')] });
    expect(output).toMatch(why);
    expect(output).toMatch(/begun\n$/);
  });

  test('trusts the authorities of the context and of X509_CERT_DIR, and no stranger', async () => {
    const { at, run } = createBed();
    const { cert, key, ca } = await makeCertificate('IP:127.0.0.1');
    const served = serveFolders({ pilot: at('published') });
    const { origin } = await startLoopbackServer(served, { cert, key });
    const from = [`${origin}/pilot`];
    expect(await run({ from })).toMatch(/CERTIFICATE_VERIFY_FAILED/);
    writeFileSync(at('ca.pem'), ca);
    expect(await run({ from, authorities: at('ca.pem') })).toMatch(/begun\n$/);
    const hash = execFileSync('openssl', ['x509', '-hash', '-noout', '-in', at('ca.pem')]);
    mkdirSync(at('certificates'));
    writeFileSync(at(`certificates/${hash.toString().trim()}.0`), ca);
    expect(await run({ from }, { X509_CERT_DIR: at('certificates') })).toMatch(/begun\n$/);
  });

  test('says what it lacks: a folder, or the program', async () => {
    const { at, run } = createBed();
    expect(await run({ home: at('none') })).toMatch(
      /^pilotage: 500 the run's folder cannot be made/,
    );
    expect(await run({ command: [at('no-python'), 'x'] })).toMatch(
      /^pilotage: 500 \S+\/no-python cannot be run: .*\n$/m,
    );
  });
});
