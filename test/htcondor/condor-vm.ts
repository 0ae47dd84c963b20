import { stringify } from 'yaml';
import type { Status } from '../../agent/monitor/status.ts';
import { pollUntil } from '../support/poll-until.ts';
import { type NamespaceMachine, PILOT_ADDRESS } from './namespace-machine.ts';
import { recipeFor } from './readme-recipe.ts';

/** The agent on the machine, as on a VM of which nothing is remembered. */
export interface CondorVm {
  status(): Promise<Status>;
  /** The agent's own command line: `drain`, `undrain`, `halt`. */
  order(words: string): Promise<void>;
  /** Waits until the agent has ended; what it last published. */
  untilOver(timeoutMs: number): Promise<Status>;
  until<T>(
    what: string,
    timeoutMs: number,
    look: () => T | undefined | Promise<T | undefined>,
  ): Promise<T>;
  /** What agent and condor said last. */
  lastWords(): Promise<string>;
  /** Processes of condor that are not the pool's. */
  leftOvers(): Promise<string>;
}

const AGENT_LOG = '/var/log/agent.log';
/** Process ids of condor that are not the pool's; one that ends meanwhile is none. */
const LIST_PILOT =
  '{ for pid in $(pgrep "^condor_(master|startd|starter|procd)" || true); do grep -qz "^CONDOR_CONFIG=/run/pilotage/" "/proc/$pid/environ" 2>/dev/null && echo "$pid"; done; true; }';

/** Ends what a scenario that failed has left. */
export const clearMachine = async (machine: NamespaceMachine): Promise<void> => {
  await machine.run(
    `pkill -KILL -x pilotage-agent || true; ${LIST_PILOT} | while read -r pid; do kill -KILL "$pid" || true; done`,
  );
};

const STATUS = 'pilotage-agent status --json';

export const startCondorVm = async (
  machine: NamespaceMachine,
  token: string,
  pilots: object,
  /** What its pilot does when all is ready. */
  activity = 'idle',
): Promise<CondorVm> => {
  const recipe = recipeFor('127.0.0.1', token);
  const context = {
    ...recipe,
    identity: { site: 'TEST' },
    monitor: { tick: '1s' },
    ending: { killGrace: '15s', farewell: '1s' },
    users: { prefix: 'plt' },
    pilots: {
      ...recipe.pilots,
      networkInterface: PILOT_ADDRESS,
      askEvery: '1s',
      backoff: { minimumRun: '1s' },
      settings: { UPDATE_INTERVAL: 3 },
      ...pilots,
    },
  };
  await machine.run(`
rm -rf /var/lib/pilotage /var/log/pilotage /scratch ${AGENT_LOG}
mkdir -p /etc/pilotage/context.d
cat >/etc/pilotage/context.d/50-site.yaml <<'END'
${stringify(context)}END
chmod 600 /etc/pilotage/context.d/50-site.yaml
umount /run/pilotage/credentials 2>/dev/null || true
rm -rf /run/pilotage /run/pilotage-exits
setsid pilotage-agent run >${AGENT_LOG} 2>&1 </dev/null &`);
  const status = async (): Promise<Status> => JSON.parse(await machine.run(STATUS)) as Status;
  const lastWords = (): Promise<string> =>
    machine.run(
      `grep -v 'does could not be read' ${AGENT_LOG} | tail -n 40; for f in /scratch/*/condor/log/{MasterLog,StartLog}; do echo "== $f"; tail -n 15 "$f"; done 2>/dev/null || true`,
    );
  const until: CondorVm['until'] = async (what, timeoutMs, look) => {
    try {
      return await pollUntil(what, { timeoutMs, everyMs: 500 }, look);
    } catch (error) {
      throw new Error(`${what}; last words:\n${await lastWords()}`, { cause: error });
    }
  };
  await until('the pilot is ready', 90_000, async () => {
    const published = await status().catch(() => undefined);
    return published?.pilots.some(pilot => pilot.activity === activity) || undefined;
  });
  return {
    status,
    until,
    lastWords,
    order: async words => {
      await machine.run(`pilotage-agent ${words}`);
    },
    untilOver: async timeoutMs => {
      await until('the agent has ended', timeoutMs, async () =>
        (await machine.run('pgrep -f "^pilotage-agent run" || true')) === '' ? true : undefined,
      );
      return status();
    },
    leftOvers: () =>
      machine.run(`${LIST_PILOT} | while read -r pid; do ps -o args= -p "$pid" || true; done`),
  };
};
