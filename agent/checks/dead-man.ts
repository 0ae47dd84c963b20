import { type Check, type CheckOutcome, ok, skipped, warning } from './check.ts';

/** Of the watch (bootstrap/dead-man), as the kernel shows it: its arguments, each ended by a zero byte. */
const NAME = '@pilotage-dead-man\0';
/** Where the watch says which process it is. */
export const WATCH_PID = '/run/pilotage-dead-man.pid';

/** @param cmdline of the process that the watch says it is; `undefined` where there is none */
export const judgeWatch = (cmdline: string | undefined): CheckOutcome =>
  cmdline?.startsWith(NAME) === true
    ? ok('the dead man’s watch is there')
    : warning(
        'no dead man’s watch is there to end this VM, should its agent hang: systemctl start pilotage-dead-man',
      );

export const deadMan: Check = {
  name: 'dead-man',
  run: async (_input, { files, host }) => {
    if ((await files.facts('/run/systemd/system')) === undefined)
      return skipped('there is no systemd here');
    const pid = (await files.read(WATCH_PID, 64))?.trim() ?? '';
    return judgeWatch(
      /^\d+$/.test(pid) ? await host.read(`/proc/${pid}/cmdline`, 64 * 1024) : undefined,
    );
  },
};
