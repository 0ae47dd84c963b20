import { elapsedMs } from '../../../../agent/moment.ts';
import type { DecideOutput } from '../../../../agent/monitor/decide.ts';
import type { JudgeInput } from '../../../../agent/monitor/judge.ts';
import type { Readings, Snapshot } from '../../../../agent/monitor/snapshot.ts';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import { measured, type Reading } from '../../../../agent/reading.ts';
import type { Rule } from './rule.ts';

/** Policies whose windows count looks at which something was seen. */
const COUNTING = ['zero-load', 'no-payloads'] as const;

const hasFailed = (reading: Reading | undefined): boolean =>
  reading !== undefined && !reading.ok && reading.reason === 'failed';

/** What a failed reading might have been. */
const BUSY = measured(1);

const orBusy = (reading: Reading): Reading => (hasFailed(reading) ? BUSY : reading);

const busyReadings = (readings: Readings): Readings => ({
  ...readings,
  load: orBusy(readings.load),
  cpuCores: orBusy(readings.cpuCores),
  payloads: orBusy(readings.payloads),
  ...(readings.gpus === undefined ? {} : { gpus: orBusy(readings.gpus) }),
});

const busyAnswers = (answers: Snapshot['answers']): ReadonlyMap<string, Answer> =>
  new Map(
    [...(answers ?? [])].map(([id, answer]) => [
      id,
      { ...answer, payloads: orBusy(answer.payloads) },
    ]),
  );

const isFailing = ({ snapshot: { readings } }: JudgeInput): boolean =>
  hasFailed(readings.load) ||
  hasFailed(readings.cpuCores) ||
  hasFailed(readings.payloads) ||
  hasFailed(readings.gpus);

/** What a look begins, by how much it ends; a halt goes before all else. */
const begins = ({ state: before }: JudgeInput, { state }: DecideOutput): readonly string[] => {
  const isNew = state.ending?.kind !== before.ending?.kind;
  if (isNew && state.ending?.kind === 'halt') return ['halt'];
  return [
    ...(isNew && state.ending?.kind === 'drain' ? ['drain'] : []),
    ...(state.hold !== undefined && before.hold === undefined ? ['hold'] : []),
  ];
};

export const failedIsNoGround: Rule = {
  name: 'failed-is-no-ground',
  told: 'nothing is decided that would not be if a reading that failed had told of work',
  watch:
    () =>
    ({ input, output, decide }) => {
      if (!isFailing(input)) return undefined;
      const { now, lookedAt, readings } = input.snapshot;
      const isBlind = hasFailed(readings.load) && hasFailed(readings.payloads);
      for (const policy of COUNTING) {
        const before = input.windows[policy];
        const after = output.windows[policy];
        if (!isBlind || after === undefined) continue;
        const heldBefore =
          before === undefined || lookedAt === undefined ? 0 : elapsedMs(before, lookedAt);
        if (elapsedMs(after, now) > heldBefore) return `the window of ${policy} has gone on`;
      }
      const begun = begins(input, output);
      if (begun.length === 0) return undefined;
      const snapshot = {
        ...input.snapshot,
        readings: busyReadings(readings),
        answers: busyAnswers(input.snapshot.answers),
      };
      const otherwise = begins(input, decide({ ...input, snapshot }));
      if (otherwise.includes('halt')) return undefined;
      const rash = begun.find(each => !otherwise.includes(each));
      return rash === undefined
        ? undefined
        : `a ${rash} is begun, and is not with work in the place of what failed`;
    },
};
