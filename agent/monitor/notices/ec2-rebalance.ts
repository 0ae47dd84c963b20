import * as v from 'valibot';
import { parseJson } from '../../../platform/parse-json.ts';
import { notUnderstood } from './asker.ts';
import { createEc2Poller, EC2_TIME } from './ec2-poller.ts';
import type { NoticeSource } from './source.ts';

const PATH = '/latest/meta-data/events/recommendations/rebalance';

const Recommendation = v.object({ noticeTime: v.pipe(v.string(), v.regex(EC2_TIME)) });

/**
 * "EC2 instance rebalance recommendations" of its User Guide: the risk of an interruption is higher than
 * usual. There may never be one, and it may come before this is told.
 */
export const ec2Rebalance: NoticeSource = {
  name: 'ec2-rebalance',
  isFor: ({ cloud, lifeCycle }) => cloud === 'ec2' && lifeCycle !== 'normal',
  everyMs: () => 5000,
  timeoutMs: 20_000,
  create: (ports, _vm, signal) =>
    createEc2Poller(ports, PATH, signal, text => {
      const told = parseJson(Recommendation, text)?.noticeTime;
      if (told === undefined) throw notUnderstood(`EC2's ${PATH}`);
      return {
        id: 'rebalance',
        kind: 'advice',
        told,
        because: `EC2 recommends since ${told} to move work off this spot instance`,
      };
    }),
};
