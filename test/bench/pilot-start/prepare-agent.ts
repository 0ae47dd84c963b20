import { applySteps } from '../../../agent/context/apply.ts';
import { NO_HOOKS } from '../../../agent/context/hook-paths.ts';
import { parseContext } from '../../../agent/context/parse.ts';
import { planContext } from '../../../agent/context/plan.ts';
import { writeResolved } from '../../../agent/context/resolved.ts';
import { createAgentPorts } from '../../../agent/life/create-ports.ts';
import { PATHS } from '../../../agent/paths.ts';
import { createLog } from '../../../platform/log.ts';
import { parseTask } from './task.ts';

/** Contextualizes a folder that stands for a machine of as many cores as there are to be pilots. */
const { root, children, command, environment } = parseTask(process.argv);
const text = JSON.stringify({
  version: 1,
  pilots: { kind: 'command', command, slots: 'per-core', environment },
  policies: { zeroLoad: false, noPayloads: false },
});
const { context, merged } = parseContext([{ name: 'bench', text }]);
const machine = { instanceId: 'bench', bootId: 'bench', hostname: 'bench' };
const size = { cores: children, memoryMb: children * 2000 };
const main = async (): Promise<void> => {
  const ports = await createAgentPorts(
    root,
    createLog('info', line => process.stderr.write(line)),
  );
  await ports.files.makeDirectory(PATHS.run, { mode: 0o755 });
  const steps = planContext(context, { ...machine, ...size, hooks: NO_HOOKS });
  await applySteps(steps, machine, ports);
  await writeResolved(ports.files, merged, size);
};

// No top-level await: it is bundled as the agent is.
void main();
