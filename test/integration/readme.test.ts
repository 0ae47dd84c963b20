import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needAgentBinary } from '../support/agent-binary.ts';
import { createMarker } from '../support/marked-processes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Whole programs of their own, each run by `.ci/run`, quietly or for a shorter time. */
const RUN_BY_CI: Readonly<Record<string, RegExp>> = {
  'npm ci && npm run demo': /npm run -s demo -- --once --json/,
  'npm cit': /npm cit/,
  'npm run build:agent': /npm run -s build:agent/,
  'npm run test:vm': /npm run -s test:vm/,
  // More boots in the same bed than CI has the time for.
  'npm run test:vm -- context': /npm run -s test:vm/,
  'npm run test:vm -- faults': /npm run -s test:vm/,
  // On a pool's central manager; the pool of that test writes its tokens so.
  'condor_token_create -identity pilot@pool.example.org -lifetime 604800 -authz ADVERTISE_STARTD -authz ADVERTISE_MASTER -authz READ':
    /npm run -s test:htcondor/,
  'npm run test:htcondor': /npm run -s test:htcondor/,
  'npm run -s bench -- agent-footprint --json': /npm run -s bench -- agent-footprint --json/,
};

const blocks = [...read('README.md').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block]) => block ?? '',
);
const isRunByCi = (line: string): boolean => RUN_BY_CI[line.trim()] !== undefined;

/** The recipes as one shell would be given them. */
const script = [
  'set -euo pipefail',
  ...blocks.flatMap(block => block.split('\n').filter(line => !isRunByCi(line))),
].join('\n');

const runScript = (
  environment: NodeJS.ProcessEnv,
): Promise<{ exitCode: number | null; output: string }> =>
  new Promise((done, failed) => {
    const child = spawn('bash', ['-c', script], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child.once('error', failed);
    child.once('exit', exitCode => done({ exitCode, output }));
  });

describe('the README', () => {
  test.each(Object.entries(RUN_BY_CI))('%s is run by .ci/run', (command, inCi) => {
    expect(blocks.join('')).toContain(command);
    expect(read('.ci/run')).toMatch(inCi);
  });

  test('has recipes that work, one after the other', { timeout: 240_000 }, async () => {
    await needAgentBinary(line => process.stderr.write(`${line}\n`));
    const folder = mkdtempSync(join(tmpdir(), 'pilotage-readme-'));
    const marker = createMarker('PILOTAGE_README');
    onTestFinished(async () => {
      await marker.end(0);
      rmSync(folder, { recursive: true, force: true });
    });
    const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
    const { exitCode, output } = await runScript({
      ...process.env,
      ...marker.environment,
      PATH: path,
      TMPDIR: folder,
    });
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining('receiver: drained: kernel update'),
    ]);
    expect(output).toMatch(/^pilotage-agent \S+ \(protocol 1\)$/m);
    expect(output).toContain('configure the CVMFS client for vo.example.org');
    expect(output).toContain('cloud-init/samples/single-vo.yaml: valid');
    expect(output).toContain('fit for payloads');
    expect(output).toMatch(/^reload-context .*: done: nothing is another than before$/m);
    expect(output).toMatch(/^end-pilot 00-1 .*: done: 00-1 is told to end$/m);
    expect(output).toContain('no VM is billed for nothing');
    expect(output).toMatch(/lifetime: none \(age /);
  });
});
