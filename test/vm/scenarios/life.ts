import type { ToldReadings } from '../../../protocol/readings.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { Bed, Scenario } from '../bed.ts';
import { runGuestChecks } from '../guest-check.ts';
import { patience, startReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { cloudConfig, forwardTo, receiverFile, TEST_PILOT } from '../user-data.ts';
import { checkCvmfs } from './cvmfs-checks.ts';
import { EXPECTED, MEMORY_MB, SITE } from './life-context.ts';

const NAME = 'life';
const INSTANCE = `i-${NAME}`;
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

/** What the kernel and CVMFS tell, by real files and a real child. */
const checkReadings = (bed: Bed, readings: ToldReadings): void => {
  const { cvmfs, ioWaitCores, networkBytesPerS, diskBytesPerS, ...others } = readings;
  bed.check('CVMFS answers', cvmfs === 1, String(cvmfs));
  const rates = [ioWaitCores, diskBytesPerS];
  const isMoving = typeof networkBytesPerS === 'number' && networkBytesPerS > 0;
  bed.check(
    'bytes that move are counted',
    isMoving && rates.every(rate => typeof rate === 'number'),
    JSON.stringify(readings),
  );
  const shares = [others.memoryFreeShare, others.diskFreeShare, others.inodesFreeShare];
  bed.check(
    'memory, disks and inodes have room',
    shares.every(share => typeof share === 'number' && share > 0 && share <= 1),
    JSON.stringify(shares),
  );
  const pressures = [others.cpuPressure, others.memoryPressure, others.ioPressure];
  bed.check(
    'pressure is told',
    pressures.every(pressure => typeof pressure === 'number'),
    JSON.stringify(pressures),
  );
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
    await vm.waitForConsole(/Cloud-init .* finished at/, 300_000);
    bed.say('cloud-init done');

    const running = await pollUntil(
      'two pilots are reported running',
      patience(120_000),
      async () => {
        const seen = await receiver.show(INSTANCE);
        return seen?.pilots.filter(({ state }) => state === 'running').length === 2
          ? seen
          : undefined;
      },
    );
    bed.say('contextualized, two pilots at work');
    await runGuestChecks(bed, vm, EXPECTED);
    await checkPilots(bed, vm);
    await checkCvmfs(bed, vm);

    const later = await pollUntil('heartbeats go on', patience(60_000), async () => {
      const seen = await receiver.show(INSTANCE);
      const isLater = (seen?.sequence ?? 0) > (running.sequence ?? 0) + 1;
      // CVMFS is asked about some ticks after the first.
      return isLater && typeof seen?.readings.cvmfs === 'number' ? seen : undefined;
    });
    bed.check('heartbeats come in', later.state === 'running', later.state);
    bed.check(
      'they tell of the payloads',
      JSON.stringify(later.payloads) === '{"ok":true,"value":2}',
    );

    checkReadings(bed, later.readings);

    // A package, or a change to /etc/fstab, makes systemd read its units anew while pilots are at work.
    await vm.run('systemctl daemon-reload');
    await receiver.operate(['drain', INSTANCE, '--reason', 'end of the test']);
    bed.say('drain sent by the operator');
    await pollUntil('it drains', patience(60_000), async () => {
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
