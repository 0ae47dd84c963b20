import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../platform/errors.ts';
import { needAgentBinary } from '../support/agent-binary.ts';
import { tallyLine } from '../support/checks.ts';
import { needPackages } from '../support/debian-packages.ts';
import { needRoot } from '../support/need-root.ts';
import { buildAgentImage } from './agent-image.ts';
import { buildBaseImage, imageIn, type VmImage } from './base-image.ts';
import { runScenario, type Scenario, type ScenarioResult } from './bed.ts';
import { concludeRun } from './conclusions.ts';
import { FAULTS } from './faults/index.ts';
import { faultScenarios } from './faults/scenarios.ts';
import { type GuestSystem, PLAIN_SYSTEM } from './guest-system.ts';
import { brokenContext } from './scenarios/broken-context.ts';
import { contextConfigDrive } from './scenarios/context/config-drive.ts';
import { contextDamaged } from './scenarios/context/damaged.ts';
import { contextEc2 } from './scenarios/context/ec2.ts';
import { contextNocloud } from './scenarios/context/nocloud.ts';
import { contextOpennebula } from './scenarios/context/opennebula.ts';
import { contextSystem } from './scenarios/context/system.ts';
import { ENDING } from './scenarios/ending/index.ts';
import { htcondorVm } from './scenarios/htcondor/vm.ts';
import { life } from './scenarios/life.ts';
import { noticesEc2 } from './scenarios/notices/ec2.ts';
import { noticesPowerButton } from './scenarios/notices/power-button.ts';
import { orders } from './scenarios/orders.ts';
import { pilotsApart } from './scenarios/pilots/apart.ts';
import { pilotsPowerCut } from './scenarios/pilots/power-cut.ts';
import { pilotsReadopted } from './scenarios/pilots/readopted.ts';
import { pilotsDirac } from './scenarios/pilots-dirac.ts';
import { pilotsGpus } from './scenarios/pilots-gpus.ts';
import { plain } from './scenarios/plain.ts';
import { groupsOf, selectScenarios } from './select.ts';

const FAULT_SCENARIOS = faultScenarios(FAULTS);
/** It boots for the other faults of the smoke set, which would wait for it. */
const FIRST_FAULT = FAULT_SCENARIOS.find(({ smoke }) => smoke);

/** Every scenario there is, in the order in which they start: the longest first. */
const SCENARIOS: readonly Scenario[] = [
  ...(FIRST_FAULT === undefined ? [] : [FIRST_FAULT]),
  ...[
    pilotsApart,
    contextNocloud,
    contextSystem,
    contextEc2,
    brokenContext,
    contextOpennebula,
    contextConfigDrive,
    noticesEc2,
    noticesPowerButton,
  ],
  ...[htcondorVm, life, orders, pilotsReadopted, pilotsDirac, pilotsPowerCut],
  ...ENDING,
  ...FAULT_SCENARIOS.filter(scenario => scenario !== FIRST_FAULT),
  ...[pilotsGpus, contextDamaged, plain],
];

const REPOSITORY = resolve(import.meta.dirname, '../..');
const LOGS = join(REPOSITORY, 'dist/vm-logs');
/** Two emulated guests are as much as two cores carry. */
const SIDE_BY_SIDE = 2;
const PACKAGES = [
  ...['qemu-system-x86', 'qemu-utils', 'mmdebstrap', 'genisoimage', 'socat', 'e2fsprogs'],
  ...['util-linux', 'openssl', 'xz-utils'],
];

const systemOf = ({ system = PLAIN_SYSTEM }: Scenario): GuestSystem => system;

const runAll = async (scenarios: readonly Scenario[], imageOf: (scenario: Scenario) => VmImage) => {
  const queue = [...scenarios];
  const results: (ScenarioResult & { scenario: Scenario })[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results.push({ scenario: next, ...(await runScenario(next, imageOf(next), LOGS)) });
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return results;
};

const showList = (): void => {
  for (const { name, smoke, title } of SCENARIOS)
    console.log(`${name.padEnd(20)} ${smoke ? 'smoke' : '     '}  ${title}`);
  for (const [group, names] of groupsOf(SCENARIOS))
    console.log(`${group.padEnd(20)} group  ${names.join(', ')}`);
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false } },
  });
  if (values.list) return showList();
  const scenarios = selectScenarios(SCENARIOS, positionals);
  needRoot('npm run test:vm');
  await needPackages(PACKAGES);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
      process.exit(130);
    });
  // The bed is proved without the agent, even while none can be built.
  const isBare = scenarios.every(scenario => scenario === plain);
  if (!isBare) await needAgentBinary(console.log, stop.signal);
  const images = new Map<GuestSystem, VmImage>();
  for (const system of new Set(scenarios.map(systemOf))) {
    const base = await buildBaseImage(system, console.log, stop.signal);
    images.set(
      system,
      isBare ? imageIn(base) : await buildAgentImage(base, REPOSITORY, console.log),
    );
  }
  const results = await runAll(scenarios, scenario => {
    const image = images.get(systemOf(scenario));
    if (image === undefined) throw new Error(`${scenario.name} has no image`);
    return image;
  });
  const { lines, missing } = concludeRun(
    results
      .filter(({ scenario }) => scenario.concludes)
      .map(({ scenario, conclusion }) => ({ name: scenario.name, line: conclusion })),
  );
  for (const line of lines) console.log(line);
  for (const name of missing) console.log(`${name} came to no line`);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, missing.length);
  console.log(tallyLine(passed, failed));
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
};

try {
  await main();
} catch (error) {
  console.error(`test:vm: ${messageOf(error)}`);
  console.log(tallyLine(0, 1));
  process.exitCode = 1;
}
