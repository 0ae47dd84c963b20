import { formatDuration } from '../../platform/duration.ts';
import { type Check, type CheckOutcome, failed, ok, skipped, warning } from './check.ts';
import { askReceiver } from './receiver-answer.ts';

/** A Date header has whole seconds, and the answer took some time. */
const NOTEWORTHY_MS = 10_000;

/** @param date as RFC 9110 has it */
export const judgeClock = (date: string, wallMs: number, mostMs: number): CheckOutcome => {
  const theirs = Date.parse(date);
  if (Number.isNaN(theirs)) return skipped(`the receiver's date cannot be understood: ${date}`);
  const offset = Math.abs(wallMs - theirs);
  const told = `${formatDuration(offset)} ${wallMs > theirs ? 'ahead of' : 'behind'} the receiver`;
  if (offset > mostMs)
    return failed(
      `${told}, at most ${formatDuration(mostMs)}: certificates and tokens will be refused`,
    );
  return offset > NOTEWORTHY_MS ? warning(told) : ok(told);
};

/** The clock against the receiver's: a wrong one makes every certificate and token fail. */
export const clockOffset: Check = {
  name: 'clock',
  run: async (input, ports, signal) => {
    const answer = await askReceiver(input, ports, signal);
    if (answer.kind !== 'answered' || answer.date === undefined)
      return skipped('there is no clock to compare with');
    return judgeClock(answer.date, ports.clock.wallMs(), input.context.checks.clockOffset);
  },
};
