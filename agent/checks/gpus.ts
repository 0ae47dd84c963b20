import { messageOf } from '../../platform/errors.ts';
import { numberOf, queryGpus } from '../gpus/nvidia-smi.ts';
import { hasNvidiaDriver } from '../gpus/read-nvidia.ts';
import { type Check, type CheckOutcome, failed, gravest, ok, skipped, warning } from './check.ts';

const ECC_ERRORS = 'ecc.errors.uncorrected.volatile.total';
const TIMEOUT_MS = 60_000;
/** Where it is missing no program can use CUDA; what makes it is not always run at a boot. */
const UVM = '/dev/nvidia-uvm';

export const GPU_FIELDS = ['index', 'name', 'driver_version', ECC_ERRORS] as const;

export const judgeGpus = (
  rows: readonly Record<(typeof GPU_FIELDS)[number], string>[],
): CheckOutcome => {
  const outcomes = rows.map(row => {
    const told = `GPU ${row.index} (${row.name}, driver ${row.driver_version})`;
    const uncorrected = numberOf(row[ECC_ERRORS]);
    if (uncorrected === undefined) return ok(`${told} has no ECC`);
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
    if (!(await hasNvidiaDriver(host))) return skipped('no NVIDIA driver is loaded');
    try {
      const rows = await queryGpus(exec, GPU_FIELDS, signal);
      const log = await exec.run('dmesg', ['--kernel'], {
        timeoutMs: TIMEOUT_MS,
        signal,
        maxOutputBytes: 1024 * 1024,
      });
      const xids = judgeXids(log.stdout);
      const hasUvm = rows.length === 0 || (await host.facts(UVM)) !== undefined;
      const uvm = warning(
        `${UVM} is missing, so CUDA cannot be used: nvidia-modprobe -u -c 0 makes it`,
      );
      return gravest(
        [judgeGpus(rows), ...(xids === undefined ? [] : [xids]), ...(hasUvm ? [] : [uvm])],
        '',
      );
    } catch (error) {
      return failed(`the driver is loaded, but does not answer: ${messageOf(error)}`);
    }
  },
};
