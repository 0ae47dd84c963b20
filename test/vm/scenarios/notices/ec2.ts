import { pollUntil } from '../../../support/poll-until.ts';
import type { Bed, Scenario } from '../../bed.ts';
import { EC2_ID, EC2_RECEIVER_ADDRESS, ec2Hardware, metadataForward } from '../../hardware/ec2.ts';
import { type HostReceiver, patience, startReceiver } from '../../host-receiver.ts';
import type { Machine } from '../../machine.ts';
import { cloudConfig, contextFile, forwardTo, receiverContext } from '../../user-data.ts';
import { type Ec2Service, startEc2Service } from '../context/ec2-service.ts';
import { ENDED_WELL, SLOW_PILOT } from './slow-pilot.ts';

const NAME = 'notices-ec2';
const ACTION = 'spot/instance-action';
const REBALANCE = 'events/recommendations/rebalance';
const NOTICE_MS = 120_000;

const SITE = contextFile('50-site.yaml', {
  version: 1,
  pilots: { kind: 'command', command: [SLOW_PILOT.path], slots: 'whole-node' },
  ending: { killGrace: '40s', farewell: '30s' },
  policies: { zeroLoad: false, noPayloads: false },
  monitor: { tick: '10s' },
});

/** As EC2 writes moments. */
const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');

/** EC2 announces that it will terminate the instance two minutes from now; the moment, by the host's clock. */
const announce = (service: Ec2Service): number => {
  const atMs = Date.now() + NOTICE_MS;
  service.put(ACTION, JSON.stringify({ action: 'terminate', time: isoTime(atMs) }));
  return atMs;
};

const waitForState = (receiver: HostReceiver, state: string, afterSequence = 0) =>
  pollUntil(`it says that it is ${state}`, patience(1_200_000), async () => {
    const seen = await receiver.show(EC2_ID);
    const isNew = (seen?.sequence ?? 0) > afterSequence;
    return isNew && seen?.reportedState === state && seen.pilots[0]?.state === 'running'
      ? seen
      : undefined;
  });

const checkAdvice = async (bed: Bed, vm: Machine, service: Ec2Service): Promise<void> => {
  service.put(REBALANCE, JSON.stringify({ noticeTime: isoTime(Date.now()) }));
  const why = await pollUntil('the advice is heard', patience(60_000), async () => {
    const { output } = await vm.run('pilotage-agent why');
    return output.includes('EC2 recommends since') ? output : undefined;
  });
  const phase = (await vm.run('pilotage-agent status --json')).output;
  bed.check('an advice to rebalance is only observed', phase.includes('"phase":"running"'), why);
};

/** Announced, and taken back before it comes to that. */
const checkWithdrawn = async (
  bed: Bed,
  vm: Machine,
  service: Ec2Service,
  receiver: HostReceiver,
): Promise<void> => {
  // The token that the agent holds is good no longer at this very moment.
  service.revokeTokens();
  announce(service);
  const draining = await waitForState(receiver, 'draining');
  bed.say(`drains: ${draining.reason}`);
  const isTold = draining.reason.includes('EC2 will terminate this spot instance');
  bed.check('the notice is the reason', isTold, draining.reason);
  const file = await vm.run('test -e /run/pilotage/told/draining && echo told');
  bed.check('the pilot is told', file.output === 'told\n', file.output);
  service.put(ACTION, undefined);
  await waitForState(receiver, 'running', draining.sequence ?? 0);
  bed.say('the notice was withdrawn, and the drain with it');
  const after = await vm.run('test -e /run/pilotage/told/draining || echo well');
  bed.check('the pilot is told that too', after.output === 'well\n', after.output);
  const starts = await vm.run('wc -l </scratch/plt00/starts');
  bed.check('it is the same pilot', starts.output === '1\n', starts.output);
};

/** Announced, and carried out: all is over before EC2 takes the VM. */
const checkTaken = async (
  bed: Bed,
  vm: Machine,
  service: Ec2Service,
  receiver: HostReceiver,
): Promise<void> => {
  const before = bed.elapsedMs();
  const atMs = announce(service);
  bed.say('EC2 announces the end in two minutes');
  await waitForState(receiver, 'draining');
  bed.say('it drains');
  const reason = await vm.waitForExit(NOTICE_MS + 120_000);
  bed.say(`off ${((bed.elapsedMs() - before) / 1000).toFixed(0)} s after the notice`);
  bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  const last = await receiver.show(EC2_ID);
  const leftMs = atMs - Date.parse(last?.lastHeardAt ?? '');
  bed.say(`its last word came ${(leftMs / 1000).toFixed(0)} s before EC2 would have taken it`);
  bed.check('all is said before EC2 would have taken it', leftMs > 0, `${leftMs} ms left`);
  const word = last?.reportedState ?? 'nothing';
  bed.check('its last word was that it has halted', word === 'halted', word);
  const told = last?.shutdownMessage ?? 'nothing';
  bed.check('and that it was asked to', told.startsWith('100 '), told);
  const exit = last?.pilots[0]?.lastExit;
  bed.check('the pilot ended by itself', exit === 'exit 0', exit);
  const log = await receiver.operate(['logs', EC2_ID, '--source', '00-1.out']);
  bed.check('and had the time that it needs', ENDED_WELL.test(log), log.slice(-200));
};

/** A spot instance that EC2 wants back, and one that it does not after all. */
export const noticesEc2: Scenario = {
  name: NAME,
  smoke: false,
  title: 'EC2 spot: advice, a notice that is withdrawn, a notice two minutes ahead',
  run: async bed => {
    const receiver = await startReceiver(bed);
    const lifeline = receiverContext(receiver, EC2_RECEIVER_ADDRESS);
    const service = await startEc2Service(
      bed,
      cloudConfig([contextFile('00-receiver.yaml', lifeline), SITE, SLOW_PILOT]),
    );
    const vm = await bed.boot({
      name: NAME,
      hardware: ec2Hardware(),
      forwards: [metadataForward(service.port), forwardTo(receiver, EC2_RECEIVER_ADDRESS)],
    });
    await waitForState(receiver, 'running');
    bed.say('contextualized, a pilot at work');
    await checkAdvice(bed, vm, service);
    await checkWithdrawn(bed, vm, service, receiver);
    await checkTaken(bed, vm, service, receiver);
    const refused = service.asked.filter(({ status }) => status === 401);
    bed.check('a token that was refused was renewed', refused.length > 0, `${refused.length}`);
  },
};
