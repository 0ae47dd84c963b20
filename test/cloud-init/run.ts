import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { renderUserData } from '../../agent/context/user-data/render.ts';
import { messageOf } from '../../platform/errors.ts';
import { createChecks, tallyLine } from '../support/checks.ts';
import { needPackages } from '../support/debian-packages.ts';
import { needRoot } from '../support/need-root.ts';
import { CASES, type Case, SAMPLE_FILES } from './cases.ts';
import { type DebianRoot, openRoot, SUITES } from './debian-root.ts';

interface ReceivedFile {
  mode: number;
  base64: string;
}

/** One line of receive.py. */
interface Received {
  context: Record<string, ReceivedFile>;
  others: Record<string, ReceivedFile>;
  scripts: Record<string, ReceivedFile>;
  warnings: string[];
}

const checks = createChecks();
const scratch = mkdtempSync(join(tmpdir(), 'pilotage-cloud-init-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** `cloud-init schema` says one line of a valid file, and anything more of a warning. */
const checkSchema = async (root: DebianRoot, suite: string, name: string, path: string) => {
  const inside = root.put(path, name);
  const { exitCode, stdout, stderr } = await root.run([
    '/usr/bin/env',
    '-i',
    'PATH=/usr/bin:/bin',
    'cloud-init',
    'schema',
    '--config-file',
    inside,
  ]);
  const isValid = /^Valid (?:cloud-config:|schema) \S+\n$/.test(stdout);
  checks.check(
    `${suite}: ${name} passes cloud-init schema`,
    exitCode === 0 && isValid && stderr === '',
    `${stdout}${stderr}`,
  );
};

const checkSchemas = async (root: DebianRoot, suite: string) => {
  for (const { name, path, given } of SAMPLE_FILES) {
    await checkSchema(root, suite, name, path);
    const { text } = renderUserData({ cloud: 'nocloud', form: 'cloud-config', given: [given] });
    const rendered = `rendered-${name}`;
    writeFileSync(join(scratch, rendered), text);
    await checkSchema(root, suite, rendered, join(scratch, rendered));
  }
};

const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** What did not arrive as it was meant; nothing if all is well. */
const complaintAbout = (one: Case, received: Received | undefined): string => {
  if (received === undefined) return 'nothing came';
  const { context, others, scripts, warnings } = received;
  if (warnings.length > 0) return warnings.join('; ');
  const open = Object.entries(context).filter(([, { mode }]) => mode !== 0o600);
  if (open.length > 0) return `open to others: ${open.map(([name]) => name).join(', ')}`;
  const arrived = Object.entries(context).map(([name, { base64 }]) => [name, textOf(base64)]);
  if (!isDeepStrictEqual(Object.fromEntries(arrived), one.expected)) return 'another context';
  const [files, parts] = [Object.keys(others).length, Object.keys(scripts).length];
  return files === one.others && parts === one.scripts
    ? ''
    : `${files} other files of ${one.others}, ${parts} scripts of ${one.scripts}`;
};

const checkArrival = async (root: DebianRoot, suite: string) => {
  const program = root.put(join(import.meta.dirname, 'receive.py'), 'receive.py');
  const input = CASES.map(({ name, bytes, openNebula }) => ({
    name,
    base64: bytes.toString('base64'),
    openNebula,
  }));
  const { stdout, stderr } = await root.run(['python3', program], JSON.stringify(input));
  const lines = stdout.split('\n').filter(line => line !== '');
  CASES.forEach((one, index) => {
    const line = lines[index];
    const complaint = complaintAbout(one, line === undefined ? undefined : JSON.parse(line));
    const detail = `${complaint} ${line === undefined ? stderr.slice(-500) : ''}`;
    checks.check(`${suite}: ${one.name} arrives`, complaint === '', detail);
  });
};

const main = async (): Promise<void> => {
  needRoot('npm run test:cloud-init');
  await needPackages(['mmdebstrap']);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(130));
  for (const { suite, version } of SUITES) {
    const root = await openRoot(suite);
    const { stdout } = await root.run(['cloud-init', '--version']);
    checks.check(`${suite}: has cloud-init ${version}`, stdout.includes(` ${version}`), stdout);
    await checkSchemas(root, suite);
    await checkArrival(root, suite);
  }
};

try {
  await main();
} catch (error) {
  checks.check('test:cloud-init ran to its end', false, messageOf(error));
}
console.log(tallyLine(checks.passed, checks.failed));
process.exitCode = checks.failed === 0 ? 0 : 1;
