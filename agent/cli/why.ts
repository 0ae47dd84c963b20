import { formatDuration } from '../../platform/duration.ts';
import { describeVerdict } from '../monitor/describe-verdict.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { describeMachine, describeUse } from './describe-readings.ts';
import { filesOf } from './root.ts';
import { ageMs, needStatus } from './status.ts';

/** The chain reading → policy → decision: now, and at each of the last turns. */
export const why = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const status = await needStatus(filesOf(values));
  const { phase, reason, verdicts, turns } = status;
  if (flag(values, 'json')) {
    const { load, cpuCores, gpus, payloads, readings: others, readingAgesMs: agesMs } = status;
    io.out(
      `${JSON.stringify({ phase, reason, readings: { load, cpuCores, gpus, payloads, others, agesMs }, verdicts, turns })}\n`,
    );
    return 0;
  }
  const lines = [
    `Now (${formatDuration(ageMs(status))} ago): ${phase}${reason === '' ? '' : `, because ${reason}`}`,
    `  readings: ${[describeUse(status), ...describeMachine(status)].join(', ')}`,
    ...verdicts.map(verdict => `  ${describeVerdict(verdict)}`),
    'Turns:',
    ...turns.flatMap(turn => [
      `  ${new Date(turn.wallMs).toISOString()}  ${turn.phase}${turn.reason === '' ? '' : `, because ${turn.reason}`}`,
      ...turn.because.map(line => `      ${line}`),
    ]),
  ];
  io.out(`${lines.join('\n')}\n`);
  return 0;
};
