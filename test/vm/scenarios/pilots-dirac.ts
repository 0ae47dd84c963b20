import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PilotReport } from '../../../protocol/heartbeat.ts';
import { publishDiracPilot, serveFolders } from '../../support/dirac-pilot.ts';
import { pollUntil } from '../../support/poll-until.ts';
import type { Bed, Scenario } from '../bed.ts';
import { type GuestCheck, runGuestChecks } from '../guest-check.ts';
import { type HostReceiver, patience, startReceiver } from '../host-receiver.ts';
import type { Machine } from '../machine.ts';
import { cloudConfig, contextFile, forwardTo, receiverFile } from '../user-data.ts';

const NAME = 'pilots-dirac';
const INSTANCE = `i-${NAME}`;
const WEB_ADDRESS = '10.0.2.100:8081';
const CONTROL = 'control/WorkloadManagement/JobAgent';

const SITE = contextFile('50-site.yaml', {
  version: 1,
  checks: { skip: ['squid', 'dns'] },
  credentials: [{ name: 'proxy', variable: 'X509_USER_PROXY', content: 'a proxy' }],
  pilots: {
    ...{ kind: 'dirac', site: 'CLOUD.Test.org', ce: 'test-cloud', vo: 'vo.test.org' },
    from: [`http://${WEB_ADDRESS}/none`, `http://${WEB_ADDRESS}/pilot`],
    allowPlainHttp: true,
    slots: 'per-core',
    memoryMbPerSlot: 200,
  },
  ending: { killGrace: '10s' },
  monitor: { tick: '2s' },
});

/** The second slot's pilot lays a trap for whoever stops it by name. */
const TRAP = `setpriv --reuid plt01 --regid pilots --clear-groups sh -c '
cd /scratch/plt01/dirac-1/control && mv WorkloadManagement gone && ln -s /etc/cron.d WorkloadManagement'`;

const EXPECTED: readonly GuestCheck[] = [
  [
    'the pilots are their slots’ own',
    'pgrep -f dirac-pilot.py | xargs -n1 ps -o user= -p | sort',
    'plt00\nplt01',
  ],
  [
    'each in a folder of its run',
    'pgrep -f dirac-pilot.py | sed "s,.*,/proc/&/cwd," | xargs -n1 readlink | sort',
    '/scratch/plt00/dirac-1\n/scratch/plt01/dirac-1',
  ],
  [
    'whose files are theirs',
    'stat -c "%U %a" /scratch/plt00/dirac-1/dirac-pilot.py /scratch/plt00/dirac-1/pilot.json',
    'plt00 644\nplt00 644',
  ],
  [
    'with names of their own',
    `grep -ho '"uuid": "[^"]*"' /scratch/plt0?/seen.json`,
    `"uuid": "cloud://${INSTANCE}/00-1"\n"uuid": "cloud://${INSTANCE}/01-1"`,
  ],
  ['and the proxy', `grep -o '"proxy": "[^"]*"' /scratch/plt00/seen.json`, '"proxy": "a proxy"'],
  [
    'what starts them is out of the reach of each other',
    'setpriv --reuid plt01 --regid pilots --clear-groups cat /run/pilotage/pilots/00-1/start.json 2>/dev/null || echo refused',
    'refused',
  ],
];

const untilPilots = (
  receiver: HostReceiver,
  what: string,
  areThere: (pilots: readonly PilotReport[]) => boolean,
): Promise<unknown> =>
  pollUntil(what, patience(150_000), async () => {
    const seen = await receiver.show(INSTANCE);
    return seen !== undefined && areThere(seen.pilots) ? seen : undefined;
  });

const checkDrain = async (bed: Bed, vm: Machine, receiver: HostReceiver): Promise<void> => {
  const trapped = await vm.run(TRAP);
  bed.check('a trap is laid', trapped.exitCode === 0, trapped.output);
  await receiver.operate(['drain', INSTANCE, '--deadline', '90s', '--reason', 'the test is over']);
  const stop = await pollUntil('the stop file', patience(60_000), async () => {
    const found = await vm.run(`stat -c "%U %F" /scratch/plt00/dirac-1/${CONTROL}/stop_agent`);
    return found.exitCode === 0 ? found.output : undefined;
  });
  bed.check('the stop file is the pilot’s own', stop === 'plt00 regular empty file\n', stop);
  const caught = await vm.run('ls /etc/cron.d; find /etc/cron.d -newer /run/pilotage/agent.pid');
  bed.check('nobody fell into the trap', !caught.output.includes('JobAgent'), caught.output);
  await untilPilots(receiver, 'the job goes on', pilots =>
    pilots.some(
      ({ activity, payloads }) =>
        activity === 'draining' && payloads?.ok === true && payloads.value === 1,
    ),
  );
  await vm.run('touch /scratch/plt00/job-2; rm /scratch/plt00/job-1');
};

/** DIRAC's pilots under systemd and users of their own. */
export const pilotsDirac: Scenario = {
  name: NAME,
  smoke: false,
  title: 'DIRAC pilots: fetched by their users, their payloads known, stopped between two jobs',
  run: async bed => {
    publishDiracPilot(join(bed.folder, 'pilot'));
    const server = createServer(serveFolders({ pilot: join(bed.folder, 'pilot') }));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    bed.onClose(() => void server.close());
    const receiver = await startReceiver(bed);
    const { port } = server.address() as AddressInfo;
    const vm = await bed.boot({
      name: NAME,
      userData: cloudConfig([receiverFile(receiver), SITE]),
      forwards: [forwardTo(receiver), { guest: WEB_ADDRESS, hostPort: port }],
    });
    await vm.waitForConsole(/Cloud-init .* finished at/, 300_000);
    await untilPilots(
      receiver,
      'two idle pilots',
      pilots => pilots.filter(({ activity }) => activity === 'idle').length === 2,
    );
    bed.say('two pilots look for jobs');
    await runGuestChecks(bed, vm, EXPECTED);
    await vm.run('touch /scratch/plt00/job-1');
    await untilPilots(receiver, 'a busy pilot', pilots =>
      pilots.some(({ slot, activity }) => slot === '00' && activity === 'busy'),
    );
    bed.say('one of them has a job');
    await checkDrain(bed, vm, receiver);
    const reason = await vm.waitForExit(240_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
    const log = await receiver.operate(['logs', INSTANCE, '--source', '00-1.out']);
    bed.check('the job finished', log.includes('Job being submitted (DIRAC JobID: 1;'), log);
    bed.check('and no other started', !log.includes('Wrapper_2'), log);
    const last = await receiver.show(INSTANCE);
    const exits = (last?.pilots ?? [])
      .map(({ slot, lastExit }) => `${slot} ${lastExit}`)
      .join(', ');
    bed.check('the other was ended at the deadline', exits === '00 exit 0, 01 signal TERM', exits);
  },
};
