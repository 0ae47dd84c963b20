import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkBinary, versionLineOf } from '../../bootstrap/check-binary.ts';
import { messageOf } from '../../platform/errors.ts';
import { needAgentBinary } from '../support/agent-binary.ts';
import { cachedFolder, digestOf } from '../support/cache-folder.ts';
import { createChecks, tallyLine } from '../support/checks.ts';
import { needPackages } from '../support/debian-packages.ts';
import { runOnHost } from '../support/host-exec.ts';
import { needRoot } from '../support/need-root.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const BINARY = join(REPOSITORY, 'dist/pilotage-agent');
const SUITE = 'bookworm';

/** The smallest Debian, with nothing installed for us; fetched once and kept. */
const minimalRoot = async (): Promise<string> => {
  const folder = await cachedFolder('minbase', digestOf([SUITE]), async target => {
    console.log(`building a minimal Debian ${SUITE} root, once`);
    const args = ['--variant=minbase', SUITE, join(target, 'root.tar')];
    await runOnHost('mmdebstrap', args, { timeoutMs: 15 * 60_000 });
  });
  return join(folder, 'root.tar');
};

const checks = createChecks();

/** Called inside the root by a name of the binary, with an environment that is empty. */
const checkInside = async (
  root: string,
  program: 'pilotage-agent' | 'shoal-client',
  version: string,
) => {
  const expected = versionLineOf(program, version);
  const name = `${program} --version in a minimal root prints "${expected}"`;
  try {
    const inside = ['/usr/bin/env', '-i', `/usr/bin/${program}`, '--version'];
    const { stdout, stderr } = await runOnHost('chroot', [root, ...inside], { timeoutMs: 30_000 });
    checks.check(name, stdout === `${expected}\n` && stderr === '', `${stdout}${stderr}`);
  } catch (error) {
    checks.check(name, false, messageOf(error));
  }
};

const checkRefusal = async (name: string, path: string, version: string, why: RegExp) => {
  try {
    await checkBinary(path, version);
    checks.check(name, false, 'it was accepted');
  } catch (error) {
    checks.check(name, why.test(messageOf(error)), messageOf(error));
  }
};

const main = async (): Promise<void> => {
  needRoot('npm run test:binary');
  await needAgentBinary(console.log);
  await needPackages(['mmdebstrap']);
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  const archive = await minimalRoot();
  const root = mkdtempSync(join(tmpdir(), 'pilotage-binary-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(130));
  await runOnHost('tar', ['-C', root, '-xf', archive]);
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  copyFileSync(BINARY, join(root, 'usr/bin/pilotage-agent'));
  symlinkSync('pilotage-agent', join(root, 'usr/bin/shoal-client'));

  await checkInside(root, 'pilotage-agent', version);
  await checkInside(root, 'shoal-client', version);
  await checkRefusal(
    'a base into which nothing was injected is refused',
    process.execPath,
    version,
    /a bare Node/,
  );
  await checkRefusal(
    'a binary of another version is refused',
    BINARY,
    `${version}-other`,
    /should print/,
  );
};

try {
  await main();
} catch (error) {
  checks.check('test:binary ran to its end', false, messageOf(error));
}
console.log(tallyLine(checks.passed, checks.failed));
process.exitCode = checks.failed === 0 ? 0 : 1;
