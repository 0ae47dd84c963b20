import type { Bed, Scenario } from '../bed.ts';
import { startReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile, TEST_PILOT } from '../user-data.ts';
import { waitUntil } from '../wait-until.ts';

const NAME = 'life';
const INSTANCE = `i-${NAME}`;
const MEMORY_MB = 200;

const SITE = contextFile('50-site.yaml', {
  version: 1,
  cvmfs: {
    repositories: ['vo.example.org'],
    proxies: 'http://squid1.example.org:3128;DIRECT',
    quotaMb: 4000,
  },
  proxy: { http: 'http://squid1.example.org:3128' },
  credentials: [
    { name: 'pilot-token', variable: 'BEARER_TOKEN_FILE', content: 'not-for-everybody' },
  ],
  pilots: {
    kind: 'command',
    command: [TEST_PILOT.path],
    slots: 'per-core',
    memoryMbPerSlot: MEMORY_MB,
    tasksPerSlot: 64,
    restart: 'always',
  },
  ending: { drainDeadline: '5m', killGrace: '10s' },
  monitor: { tick: '2s' },
});

/** What the context asked for, as `stat`, `id` and `cat` see it: the command, and what it should print. */
const EXPECTED: readonly (readonly [what: string, command: string, output: string])[] = [
  ['CVMFS is configured', 'stat -c "%U %a" /etc/cvmfs/default.local', 'root 644'],
  [
    'with proxies and quota',
    'sh -c ". /etc/cvmfs/default.local; echo $CVMFS_HTTP_PROXY $CVMFS_QUOTA_LIMIT"'.replaceAll(
      '$',
      '\\$',
    ),
    'http://squid1.example.org:3128;DIRECT 4000',
  ],
  [
    'log-ins know the web proxy',
    '. /etc/profile.d/pilotage-proxy.sh; echo $http_proxy',
    'http://squid1.example.org:3128',
  ],
  [
    'apt knows it too',
    'apt-config shell p Acquire::http::Proxy',
    "p='http://squid1.example.org:3128'",
  ],
  [
    'each slot has a user who cannot log in',
    'getent passwd plt00 plt01 | cut -d: -f1,6,7',
    'plt00:/scratch/plt00:/usr/sbin/nologin\nplt01:/scratch/plt01:/usr/sbin/nologin',
  ],
  ['of the group pilots', 'id -gn plt01', 'pilots'],
  [
    'and a scratch folder that is closed to others',
    'stat -c "%U:%G %a" /scratch/plt00 /scratch/plt01',
    'plt00:pilots 700\nplt01:pilots 700',
  ],
  [
    'the credential is there for its owner only',
    'stat -c "%U %a" /run/pilotage/credentials/plt00/pilot-token',
    'plt00 600',
  ],
  ['it is in memory', 'stat -f -c %T /run/pilotage/credentials/plt00/pilot-token', 'tmpfs'],
  [
    'its owner can read it',
    'setpriv --reuid plt00 --regid pilots --clear-groups cat /run/pilotage/credentials/plt00/pilot-token',
    'not-for-everybody',
  ],
  [
    'another pilot cannot',
    'setpriv --reuid plt01 --regid pilots --clear-groups cat /run/pilotage/credentials/plt00/pilot-token 2>/dev/null || echo refused',
    'refused',
  ],
  [
    'no pilot can read the context',
    'setpriv --reuid plt01 --regid pilots --clear-groups cat /etc/pilotage/context.d/00-receiver.yaml 2>/dev/null || echo refused',
    'refused',
  ],
  ['the machine features are published', 'cat /run/pilotage/machinefeatures/total_cpu', '2'],
  [
    'and the job features',
    'cat /run/pilotage/jobfeatures/01/allocated_cpu /run/pilotage/jobfeatures/01/max_rss_bytes',
    `1\n${MEMORY_MB * 1024 * 1024}`,
  ],
  [
    'the VM keeps its credential to itself',
    'stat -c "%U %a" /var/lib/pilotage/enrolment.json',
    'root 600',
  ],
];

const GROUP = '/sys/fs/cgroup/pilotage.slice/pilotage-pilots.slice/pilotage-pilot-*';

/** The pilots as the kernel holds them: owner and limits. */
const checkPilots = async (bed: Bed, vm: Machine): Promise<void> => {
  const users = await vm.run(`cat ${GROUP}/cgroup.procs | xargs -n1 ps -o user= -p | sort -u`);
  bed.check('each runs under its own user', users.output === 'plt00\nplt01\n', users.output);
  const read = async (file: string): Promise<string> =>
    (await vm.run(`cat ${GROUP}/${file}`)).output;
  const twice = (line: string): string => `${line}\n${line}\n`;
  const cpu = await read('cpu.max');
  bed.check('with one core each', cpu === twice('100000 100000'), cpu);
  const memory = await read('memory.max');
  bed.check(`and ${MEMORY_MB} MB`, memory === twice(String(MEMORY_MB * 1024 * 1024)), memory);
  const tasks = await read('pids.max');
  bed.check('and 64 tasks', tasks === twice('64'), tasks);
};

/** A VM's life as it should be, from user-data to power-off. */
export const life: Scenario = {
  name: NAME,
  smoke: true,
  title: 'user-data, context, pilots, heartbeats, drain, power-off',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, TEST_PILOT]),
      forwards: [forwardTo(receiver)],
    });
    await vm.waitForConsole(/Cloud-init .* finished at/, 240_000);
    bed.say('cloud-init done');

    const running = await waitUntil('two pilots are reported running', 120_000, async () => {
      const seen = await receiver.show(INSTANCE);
      return seen?.pilots.filter(({ state }) => state === 'running').length === 2
        ? seen
        : undefined;
    });
    bed.say('contextualized, two pilots at work');
    for (const [what, command, output] of EXPECTED) {
      const seen = await vm.run(command);
      bed.check(what, seen.output.trim() === output, seen.output);
    }
    await checkPilots(bed, vm);

    const later = await waitUntil('heartbeats go on', 60_000, async () => {
      const seen = await receiver.show(INSTANCE);
      return seen !== undefined && (seen.sequence ?? 0) > (running.sequence ?? 0) + 1
        ? seen
        : undefined;
    });
    bed.check('heartbeats come in', later.state === 'running', later.state);
    bed.check(
      'they tell of the payloads',
      JSON.stringify(later.payloads) === '{"ok":true,"value":2}',
    );

    await receiver.operate(['drain', INSTANCE, '--reason', 'end of the test']);
    bed.say('drain sent by the operator');
    await waitUntil('it drains', 60_000, async () => {
      const state = (await receiver.show(INSTANCE))?.reportedState;
      return state === 'draining' || state === 'halted' ? state : undefined;
    });
    bed.say('it drains');
    const reason = await vm.waitForExit(180_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);

    const last = await receiver.show(INSTANCE);
    bed.check('its last word was that it has halted', last?.state === 'halted', last?.state);
    const exits = (last?.pilots ?? []).map(({ lastExit }) => lastExit).join(', ');
    bed.check('the pilots finished by themselves', exits === 'exit 0, exit 0', exits);
    const [directive] = await receiver.directives(later.vmId);
    bed.check('the drain was acknowledged', directive?.status === 'done', directive?.status);
    const log = await receiver.operate(['logs', INSTANCE, '--source', '00-1.out']);
    bed.check('the pilots’ output is at the receiver', log.includes('pilot of plt00'), log);
    const told = /pilotage: powering off: .*/.exec(vm.console())?.[0];
    bed.check(
      'the console tells why',
      told?.includes('end of the test') === true,
      told ?? 'nothing',
    );
  },
};
