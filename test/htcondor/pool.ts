import { pollUntil } from '../support/poll-until.ts';
import type { NamespaceMachine } from './namespace-machine.ts';
import { tokenCommand } from './readme-recipe.ts';

/** A pool's own configuration: central manager and submit node on one machine, behind one port. */
const configurationAt = (address: string): string => `
RELEASE_DIR = /usr
LIBEXEC = /usr/libexec/condor
LOCAL_DIR = /pool
LOG = /pool/log
SPOOL = /pool/spool
EXECUTE = /pool/execute
RUN = /pool/run
LOCK = /pool/run
CONDOR_HOST = ${address}
NETWORK_INTERFACE = ${address}
DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD
TRUST_DOMAIN = pool.test
UID_DOMAIN = pool.test
SEC_DEFAULT_AUTHENTICATION = REQUIRED
SEC_DEFAULT_ENCRYPTION = REQUIRED
SEC_DEFAULT_INTEGRITY = REQUIRED
SEC_DEFAULT_AUTHENTICATION_METHODS = FS, IDTOKENS
SEC_PASSWORD_DIRECTORY = /pool/passwords.d
ALLOW_DAEMON = condor@pool.test
ALLOW_ADVERTISE_STARTD = pilot@pool.test
ALLOW_ADVERTISE_MASTER = pilot@pool.test
ALLOW_READ = *
ALLOW_WRITE = *@pool.test, execute-side@matchsession
ALLOW_NEGOTIATOR = condor@pool.test
NEGOTIATOR_INTERVAL = 2
NEGOTIATOR_CYCLE_DELAY = 1
NEGOTIATOR_MIN_INTERVAL = 1
SCHEDD_INTERVAL = 2
SCHEDD_MIN_INTERVAL = 1
CLAIM_WORKLIFE = 0
USE_PROCD = False
ENABLE_KERNEL_TUNING = False
`;

const setupAt = (address: string): string => `
mkdir -p /pool/{log,spool,execute,run,passwords.d} /jobs
cat >/pool/condor_config <<'END'
${configurationAt(address)}END
chown condor:condor /pool/{log,spool,execute,run}
useradd --create-home alice
chown alice /jobs
export CONDOR_CONFIG=/pool/condor_config
condor_store_cred add -c -p only-for-this-test >/dev/null
condor_master
`;

/** One group of equal jobs. */
export interface JobSpec {
  name: string;
  count: number;
  /** What each does, for a shell. */
  script: string;
  /** Its attribute \`Tags\`. */
  tags?: string;
  /** More lines of its description. */
  also?: string;
}

/** How the jobs of one group fare, by the schedd's own queue and log. */
export interface JobCounts {
  completed: number;
  evicted: number;
  idle: number;
  running: number;
  held: number;
}

export interface Pool {
  /** A token with which a startd may join. */
  token: string;
  /** Another, as a command says that writes one. */
  mint(command: string): Promise<string>;
  submit(jobs: JobSpec): Promise<void>;
  count(name: string): Promise<JobCounts>;
  /** Names of the slots that the collector knows. */
  slots(): Promise<string[]>;
  removeAll(): Promise<void>;
}

const events = (log: string, code: string): number =>
  log.split('\n').filter(line => line.startsWith(`${code} (`)).length;

/** @param address where all of it listens, at condor's own port 9618 */
export const startPool = async (
  machine: NamespaceMachine,
  address = '127.0.0.1',
): Promise<Pool> => {
  const run = (script: string): Promise<string> =>
    machine.run(`export CONDOR_CONFIG=/pool/condor_config\n${script}`);
  await machine.run(setupAt(address));
  await pollUntil(
    'the pool is up',
    { timeoutMs: 60_000, everyMs: 500 },
    async () => (await run('condor_status -schedd -af Name || true')).trim() || undefined,
  );
  const mint = async (command: string): Promise<string> => (await run(command)).trim();
  return {
    token: await mint(tokenCommand('pool.test')),
    mint,
    submit: async ({ name, count, script, tags, also = '' }) => {
      await run(`
cat >/jobs/${name}.sh <<'END'
#!/bin/sh
${script}
END
chmod 755 /jobs/${name}.sh
cat >/jobs/${name}.sub <<'END'
executable = /jobs/${name}.sh
log = /jobs/${name}.log
output = /jobs/${name}.$(Process).out
error = /jobs/${name}.$(Process).err
request_cpus = 1
request_memory = 64
request_disk = 1
should_transfer_files = YES
${tags === undefined ? '' : `+Tags = "${tags}"`}
${also}
queue ${count}
END
setpriv --reuid alice --regid alice --clear-groups condor_submit -batch-name ${name} /jobs/${name}.sub >/dev/null`);
    },
    count: async name => {
      const log = await run(`cat /jobs/${name}.log 2>/dev/null || true`);
      const queue = await run(
        `condor_q -all -constraint 'JobBatchName == "${name}"' -af JobStatus`,
      );
      const inState = (state: string): number =>
        queue.split('\n').filter(line => line.trim() === state).length;
      return {
        completed: events(log, '005'),
        evicted: events(log, '004'),
        idle: inState('1'),
        running: inState('2'),
        held: inState('5'),
      };
    },
    slots: async () => (await run('condor_status -af Name')).trim().split('\n').filter(Boolean),
    removeAll: async () => {
      await run('condor_rm -all >/dev/null 2>&1 || true');
    },
  };
};
