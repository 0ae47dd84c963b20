import { readResolved } from '../../../agent/context/resolved.ts';
import { createAgentPorts } from '../../../agent/life/create-ports.ts';
import { runAgent } from '../../../agent/life/run-agent.ts';
import { createLogRing } from '../../../agent/uplink/log-ring.ts';
import { createLog } from '../../../platform/log.ts';
import { parseTask, prepareToBegin } from './task.ts';

/**
 * The agent of a folder: all of it but the child that contextualizes, whose work was done beforehand. The
 * measured time begins when the context is handed to it.
 */
const task = parseTask(process.argv);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const ring = createLogRing();
const log = createLog('info', line => {
  ring.add(line);
  process.stdout.write(line);
});
const main = async (): Promise<void> => {
  const ports = await createAgentPorts(task.root, log);
  const begin = prepareToBegin(task);

  await runAgent(
    {
      ports,
      machine: { instanceId: 'bench', bootId: 'bench', hostname: 'bench' },
      preparer: {
        lifeline: async () => ({ version: 1, hold: 60_000, identity: {} }),
        context: async () => {
          const resolved = await readResolved(ports.files);
          await begin();
          return { state: 'done', ...resolved };
        },
        reload: async () => ({ state: 'done', ...(await readResolved(ports.files)) }),
      },
      systemStop: { stopping: new AbortController().signal, leftMs: most => most },
      metadata: { allowImdsV1: false },
      watchdog: { ready: async () => undefined, progress: async () => undefined },
      ring,
      version: 'bench',
      announce: async () => undefined,
    },
    stop.signal,
  );
};

// No top-level await: it is bundled as the agent is.
void main();
