import { messageOf } from '../../platform/errors.ts';
import { needAgentBinary } from '../support/agent-binary.ts';
import { createChecks, tallyLine } from '../support/checks.ts';
import { needPackages } from '../support/debian-packages.ts';
import { needRoot } from '../support/need-root.ts';
import { buildCondorRoot } from './condor-root.ts';
import { clearMachine } from './condor-vm.ts';
import { giveGpus } from './gpus.ts';
import { startNamespaceMachine } from './namespace-machine.ts';
import { startPool } from './pool.ts';
import {
  drainInMidJob,
  preempt,
  refuseToken,
  requireTags,
  type Tally,
  workAndDrain,
  workUnprivileged,
} from './scenarios.ts';

/** A real HTCondor pool, and the agent whose pilots join it: no part of either is a stand-in. */
const SCENARIOS = [
  ...[workAndDrain, drainInMidJob, preempt, requireTags, refuseToken, workUnprivileged],
  giveGpus,
];

const checks = createChecks();
const tally: Tally = { completed: 0, lost: 10, drainedFinished: 0, requeued: 0 };

/** Those that the command line names, or all. */
const select = (names: readonly string[]) => {
  const unknown = names.filter(name => !SCENARIOS.some(scenario => scenario.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no scenario is called ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`,
    );
  return SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name));
};

const main = async (): Promise<void> => {
  const selected = select(process.argv.slice(2));
  needRoot('npm run test:htcondor');
  await needPackages(['mmdebstrap', 'util-linux', 'iproute2', 'hostname']);
  const stop = new AbortController();
  const interrupted = (): void => {
    stop.abort();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  const binary = await needAgentBinary(console.log, stop.signal);
  const root = await buildCondorRoot(console.log, stop.signal);
  const machine = await startNamespaceMachine(root, binary);
  try {
    const pool = await startPool(machine);
    for (const scenario of selected) {
      const startedMs = performance.now();
      try {
        Object.assign(tally, await scenario({ machine, pool, checks }));
      } catch (error) {
        checks.check(`${scenario.name} ran to its end`, false, messageOf(error));
        await clearMachine(machine);
        await pool.removeAll();
      }
      console.log(
        `        ${scenario.name}: ${Math.round((performance.now() - startedMs) / 1000)} s`,
      );
    }
  } finally {
    await machine.stop();
  }
};

try {
  await main();
} catch (error) {
  checks.check('test:htcondor ran to its end', false, messageOf(error));
}
console.log(`jobs completed ${tally.completed}, lost ${tally.lost}`);
console.log(`drained job finished ${tally.drainedFinished}`);
console.log(`preempted job requeued ${tally.requeued}`);
console.log(tallyLine(checks.passed, checks.failed));
process.exitCode = checks.failed === 0 && checks.passed > 0 ? 0 : 1;
