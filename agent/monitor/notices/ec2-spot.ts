import * as v from 'valibot';
import { parseJson } from '../../../platform/parse-json.ts';
import { leftUntil, notUnderstood } from './asker.ts';
import { createEc2Poller, EC2_TIME } from './ec2-poller.ts';
import type { NoticeSource } from './source.ts';

const PATH = '/latest/meta-data/spot/instance-action';

const InstanceAction = v.object({
  /** `terminate`, `stop` or `hibernate`; another one takes the VM as well. */
  action: v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,31}$/)),
  time: v.pipe(v.string(), v.regex(EC2_TIME)),
});

/** A hibernation begins at once, whatever time it names; the others come two minutes ahead. */
const MOST_NOTICE_MS = 120_000;

/**
 * EC2's interruption notice: "Spot Instance interruption notices" of its User Guide. By a clock that is
 * wrong it may seem further away than EC2 ever announces.
 */
export const ec2Spot: NoticeSource = {
  name: 'ec2-spot',
  isFor: ({ cloud, lifeCycle }) => cloud === 'ec2' && lifeCycle !== 'normal',
  everyMs: () => 5000,
  timeoutMs: 20_000,
  create: (ports, _vm, signal) =>
    createEc2Poller(ports, PATH, signal, (text, reply) => {
      const told = parseJson(InstanceAction, text);
      const atMs = Date.parse(told?.time ?? '');
      if (told === undefined || Number.isNaN(atMs)) throw notUnderstood(`EC2's ${PATH}`);
      const { action, time } = told;
      const leftMs = action === 'hibernate' ? 0 : leftUntil(atMs, reply, ports.clock);
      return {
        id: 'instance-action',
        kind: 'preempt',
        leftMs: Math.min(MOST_NOTICE_MS, leftMs),
        told: `${action} ${time}`,
        because: `EC2 will ${action} this spot instance at ${time}`,
      };
    }),
};
