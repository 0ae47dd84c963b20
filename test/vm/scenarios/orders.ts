import type { PilotStatus } from '../../../agent/monitor/pilot-status.ts';
import { isPilotageError } from '../../../platform/errors.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { Bed, Scenario } from '../bed.ts';
import { type HostReceiver, patience, startReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { cloudConfig, contextFile, forwardTo, type GuestFile, receiverFile } from '../user-data.ts';

const NAME = 'orders';
const INSTANCE = `i-${NAME}`;

/** One payload that waits for USR1, and one that would be ended by it. */
const PILOT: GuestFile = {
  path: '/usr/local/bin/order-pilot',
  permissions: '0755',
  content: `#!/bin/sh
echo "run $PILOTAGE_GENERATION of $(id -un)"
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
sh -c 'trap "echo caught USR1" USR1; while :; do sleep 1; done' &
sleep 100000 &
wait
`,
};

const SITE = contextFile('50-site.yaml', {
  version: 1,
  cvmfs: { repositories: ['vo.example.org'], proxies: 'auto;http://squid1.example.org:3128' },
  checks: { skip: ['squid', 'dns', 'cvmfs'] },
  pilots: { kind: 'command', command: [PILOT.path], slots: 'per-core' },
  ending: { killGrace: '10s' },
  policies: { zeroLoad: false },
  monitor: { tick: '2s' },
});

const put = (vm: Machine, name: string, text: string) =>
  vm.run(`printf '%b' '${text}' >/etc/pilotage/context.d/${name}`);

/** What the operator's command says, also where it fails. */
const orderIn = (receiver: HostReceiver) => (command: string, args: readonly string[]) =>
  receiver
    .operate([command, INSTANCE, ...args, '--wait'])
    .catch((error: unknown) => {
      if (!isPilotageError(error)) throw error;
      return String(error.context.stdout);
    })
    .then(said => said.trim());

const untilRun = (vm: Machine, slot: string, generation: number) =>
  pollUntil(`run ${generation} of slot ${slot}`, patience(420_000), async () => {
    const { output, exitCode } = await vm.run('pilotage-agent pilots --json');
    if (exitCode !== 0) return undefined;
    const { pilots } = JSON.parse(output) as { pilots: PilotStatus[] };
    const pilot = pilots.find(each => each.slot === slot);
    return pilot?.generation === generation && pilot.state === 'running' ? pilot : undefined;
  });

const checkPilots = async (
  bed: Bed,
  vm: Machine,
  order: ReturnType<typeof orderIn>,
): Promise<void> => {
  const main = 'systemctl show -p MainPID --value pilotage-pilot-00-1.service';
  const before = (await vm.run(main)).output;
  const sent = await order('signal', ['--signal', 'USR1', '--pilot', '00']);
  bed.check(
    'a signal goes to the payload that waits for it',
    /: done: USR1 to 1 process of 00-1, \d+ processes? without a handler/.test(sent),
    sent,
  );
  const caught = await pollUntil('it is caught', patience(60_000), async () => {
    const { output } = await vm.run('grep -l "caught USR1" /var/log/pilotage/*.out');
    return output === '' ? undefined : output.trim();
  });
  bed.check('and to that one alone', caught === '/var/log/pilotage/00-1.out', caught);

  const killed = await order('end-pilot', ['--pilot', '01-1', '--now', '--reason', 'hangs']);
  bed.check('one pilot is killed', killed.includes(': done: 01-1 is killed'), killed);
  await untilRun(vm, '01', 2);
  bed.say('another follows it');
  const told = await order('end-pilot', ['--pilot', '01', '--no-restart']);
  bed.check('that one is told to end', told.includes(': done: 01-2 is told to end'), told);
  const closed = await pollUntil('its slot is closed', patience(120_000), async () => {
    const { output } = await vm.run('pilotage-agent pilots');
    return /ended/.test(output) ? output : undefined;
  });
  bed.check('and none follows it', !closed.includes('01-3'), closed);
  const after = (await vm.run(main)).output;
  bed.check('its neighbour never noticed', after === before && Number(after) > 1, after);
};

const checkContext = async (bed: Bed, vm: Machine, receiver: HostReceiver): Promise<void> => {
  const order = orderIn(receiver);
  const asked = await order('rediscover', []);
  bed.check('squids are asked for anew', /: done: /.test(asked), asked);
  await put(
    vm,
    '60-more.yaml',
    'version: 1\\npeek: {allow: [ps]}\\nkernel: {sysctl: {vm.swappiness: 7}}\\n',
  );
  const reloaded = await order('reload', []);
  bed.check('another context is taken up', reloaded.includes(': done: changed: '), reloaded);
  const set = (await vm.run('cat /proc/sys/vm/swappiness')).output.trim();
  bed.check('what is another in it is done', set === '7', set);
  await put(vm, '60-more.yaml', 'version: 1\\npolicy: {}\\n');
  const broken = await order('reload', []);
  bed.check(
    'a broken one is refused, with its place',
    /60-more\.yaml:2: policy/.test(broken),
    broken,
  );
  await put(vm, '60-more.yaml', 'version: 1\\nusers: {prefix: job}\\n');
  const unsafe = await order('reload', []);
  bed.check('so is one that would move pilots', unsafe.includes('it would change users'), unsafe);
  const still = (await vm.run('cat /proc/sys/vm/swappiness')).output.trim();
  bed.check('and the old one stays', still === '7', still);
  const seen = await receiver.operate(['peek', INSTANCE, '00', 'ps']);
  bed.check('also for the agent', seen.includes('order-pilot'), seen);
};

/** Orders of the receiver under real systemd, while pilots are at work. */
export const orders: Scenario = {
  name: NAME,
  smoke: false,
  title: 'orders to one pilot, to payloads and of the context, while pilots go on',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const order = orderIn(receiver);
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE, PILOT]),
      forwards: [forwardTo(receiver)],
    });
    await vm.waitForConsole(/Cloud-init .* finished at/, 300_000);
    await untilRun(vm, '00', 1);
    await untilRun(vm, '01', 1);
    bed.say('two pilots at work');
    await checkPilots(bed, vm, order);
    await checkContext(bed, vm, receiver);

    const collected = await order('collect-logs', ['--of', 'agent']);
    const source = /agent\.\d{8}T\d{6}Z/.exec(collected)?.[0] ?? '';
    bed.check('the agent’s journal is on its way', source !== '', collected);
    const journal = await pollUntil('it arrives', patience(60_000), async () => {
      const said = await receiver.operate(['logs', INSTANCE, source]).catch(() => '');
      return said.includes('agent started') ? said : undefined;
    });
    bed.check('from its beginning', journal.includes('"msg":"contextualized"'));
    await receiver.operate(['halt', INSTANCE, '--now', '--reason', 'done']);
    const reason = await vm.waitForExit(120_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  },
};
