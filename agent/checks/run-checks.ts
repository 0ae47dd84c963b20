import { messageOf } from '../../platform/errors.ts';
import {
  type Check,
  type CheckInput,
  type CheckOutcome,
  type CheckPorts,
  type CheckResult,
  failed,
  skipped,
} from './check.ts';
import { clockOffset } from './clock-offset.ts';
import { containers } from './containers.ts';
import { credentials } from './credentials.ts';
import { cvmfs } from './cvmfs.ts';
import { deadMan } from './dead-man.ts';
import { disk } from './disk.ts';
import { dns } from './dns.ts';
import { gpus } from './gpus.ts';
import { memory } from './memory.ts';
import { outbound } from './outbound.ts';
import { squid } from './squid.ts';

/** Every check there is. */
export const CHECKS: readonly Check[] = [
  disk,
  memory,
  clockOffset,
  dns,
  outbound,
  squid,
  cvmfs,
  containers,
  gpus,
  credentials,
  deadMan,
];

const MOST_MS = 120_000;

const runOne = async (
  check: Check,
  input: CheckInput,
  ports: CheckPorts,
): Promise<CheckOutcome> => {
  if (input.context.checks.skip.includes(check.name)) return skipped('the context says so');
  const over = new AbortController();
  const limit = ports.clock
    .sleep(MOST_MS, over.signal)
    .then(() => failed(`not done within ${MOST_MS / 1000} s`));
  try {
    return await Promise.race([check.run(input, ports, over.signal), limit]);
  } catch (error) {
    // What could not be found out is no good sign.
    return failed(messageOf(error));
  } finally {
    over.abort();
  }
};

/** All checks side by side; one that fails or hangs spoils none of the others. */
export const runChecks = (
  input: CheckInput,
  ports: CheckPorts,
  checks: readonly Check[] = CHECKS,
): Promise<CheckResult[]> =>
  Promise.all(
    checks.map(async check => {
      const startedMs = ports.clock.monotonicMs();
      const outcome = await runOne(check, input, ports);
      return {
        check: check.name,
        ...outcome,
        tookMs: Math.round(ports.clock.monotonicMs() - startedMs),
      };
    }),
  );

/** `undefined` for a node that is fit; else why no payload may run on it. */
export const unfitBecause = (results: readonly CheckResult[]): string | undefined => {
  const grave = results.filter(({ verdict }) => verdict === 'failed');
  return grave.length === 0
    ? undefined
    : grave.map(({ check, reason }) => `${check}: ${reason}`).join('; ');
};
