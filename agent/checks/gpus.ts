import { messageOf } from '../../platform/errors.ts';
import { type Check, type CheckOutcome, failed, gravest, ok, skipped, warning } from './check.ts';

const QUERY = 'index,name,driver_version,ecc.errors.uncorrected.volatile.total';
const TIMEOUT_MS = 60_000;

/** Lines of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`. */
export const judgeGpus = (csv: string): CheckOutcome => {
  const gpus = csv
    .trim()
    .split('\n')
    .filter(line => line !== '');
  const outcomes = gpus.map(line => {
    const [index = '?', name = '?', driver = '?', errors = '?'] = line
      .split(',')
      .map(field => field.trim());
    const told = `GPU ${index} (${name}, driver ${driver})`;
    const uncorrected = Number(errors);
    if (Number.isNaN(uncorrected)) return ok(`${told} has no ECC`);
    return uncorrected > 0 ? failed(`${told} has ${uncorrected} uncorrected ECC errors`) : ok(told);
  });
  return gravest(outcomes, 'the driver knows no GPU');
};

/** Errors that the driver put into the kernel's log. */
export const judgeXids = (kernelLog: string): CheckOutcome | undefined => {
  const xids = [
    ...new Set([...kernelLog.matchAll(/NVRM: Xid \([^)]*\): (\d+)/g)].map(([, xid]) => xid)),
  ];
  return xids.length === 0 ? undefined : warning(`the driver reported Xid ${xids.join(', ')}`);
};

export const gpus: Check = {
  name: 'gpus',
  run: async (_input, { host, exec }, signal) => {
    if ((await host.facts('/proc/driver/nvidia')) === undefined)
      return skipped('no NVIDIA driver is loaded');
    try {
      const { stdout } = await exec.run(
        'nvidia-smi',
        [`--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'],
        { timeoutMs: TIMEOUT_MS, signal },
      );
      const log = await exec.run('dmesg', ['--kernel'], {
        timeoutMs: TIMEOUT_MS,
        signal,
        maxOutputBytes: 1024 * 1024,
      });
      const xids = judgeXids(log.stdout);
      return gravest([judgeGpus(stdout), ...(xids === undefined ? [] : [xids])], '');
    } catch (error) {
      return failed(`the driver is loaded, but does not answer: ${messageOf(error)}`);
    }
  },
};
