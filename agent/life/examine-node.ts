import { lookup } from 'node:dns/promises';
import { PilotageError } from '../../platform/errors.ts';
import { createHttp } from '../../platform/undici-http.ts';
import type { CheckInput, CheckResult } from '../checks/check.ts';
import { runChecks, unfitBecause } from '../checks/run-checks.ts';
import type { AgentPorts } from '../ports.ts';

const addressesOf = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Every check of the node, on the real machine. */
export const examineNode = (
  input: CheckInput,
  ports: Pick<AgentPorts, 'files' | 'host' | 'exec' | 'clock'>,
): Promise<CheckResult[]> => runChecks(input, { ...ports, http: createHttp, lookup: addressesOf });

/** The same, failing with `node-unfit` where no payload may run. */
export const needFitNode = async (
  ...examined: Parameters<typeof examineNode>
): Promise<CheckResult[]> => {
  const results = await examineNode(...examined);
  const unfit = unfitBecause(results);
  if (unfit !== undefined)
    throw new PilotageError('node-unfit', `the node is not fit: ${unfit}`, { results });
  return results;
};
