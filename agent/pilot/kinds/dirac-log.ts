import { measured, NO_DATA } from '../../reading.ts';
import type { Answer } from '../answer.ts';

/**
 * What a DIRAC pilot prints of itself and of its payloads, line by line. The words are those of Pilot 3,
 * of DIRAC's AgentModule, AgentReactor and JobAgent, and of its Pool computing element, in v7r3 to v9.0.
 */

const TIME = String.raw`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S*(?: UTC)?`;
const LEVEL = '(?:ALWAYS|NOTICE|INFO|VERBOSE|DEBUG|WARN|WARNING|ERROR|EXCEPT|EXCEPTION|FATAL)';
/** `2024-11-05 10:11:12 UTC INFO [InstallDIRAC] text` */
const PILOT_LINE = new RegExp(String.raw`^${TIME} +${LEVEL} +\[\w+\] (.*)$`);
/** `2025-07-30T08:17:48,522321Z WorkloadManagement/JobAgent/Pool INFO: text`, with brackets in debug mode. */
const AGENT_LINE = new RegExp(
  String.raw`^${TIME} +WorkloadManagement/JobAgent\S*(?: +\[[^\]]*\])* +${LEVEL}: +(.*)$`,
);
/** Our own words before the pilot begins. */
const START_LINE = /^pilotage: ([1-7]\d\d .*)$/;

const SAID_CHARS = 200;

/** Why a JobAgent stops, in the numbers of Vac's shutdown_message. */
const STOPS: readonly (readonly [RegExp, string])[] = [
  [/^No(?: more)? time left/, '200'],
  [/^Filling Mode is Disabled/, '200'],
  [/^Nothing to do for more than/, '300'],
  [/^Node is being drained/, 'no-restart:'],
  [/^CE Not Available/, '600'],
  [/^Matcher Failed/, '600'],
  [/^JDL Problem/, '600'],
  [/[Pp]roxy/, '600'],
  [/[Rr]eschedul/, '600'],
  [/^Error during the submission/, '600'],
];
const OTHER_STOP = '700';

/** What a text means for what is known. */
type Rule = readonly [RegExp, (answer: Answer, match: RegExpExecArray) => Answer];

const say = (answer: Answer, said: string): Answer => ({
  ...answer,
  said: said.slice(0, SAID_CHARS),
});
const runs = (answer: Answer, payloads: number): Answer => ({
  ...answer,
  payloads: measured(Math.max(0, payloads)),
});
const running = ({ payloads }: Answer): number => (payloads.ok ? payloads.value : 0);
const oneLess = (answer: Answer): Answer => runs(answer, running(answer) - 1);
const none = (answer: Answer): Answer => runs(answer, 0);
/** From its first cycle on the JobAgent tells of every payload. */
const counted = (answer: Answer): Answer => ({
  ...answer,
  payloadsStarted: answer.payloadsStarted ?? 0,
});

/** What Pilot 3 prints while it works through its commands. */
const PILOT_RULES: readonly Rule[] = [
  [
    /^Command (\w+) instantiated from /,
    (answer, [, name = '']) => say({ ...answer, ready: answer.ready ?? false }, name),
  ],
  [/^Command \w+ could not be instantiated/, (answer, { input }) => say(answer, `600 ${input}`)],
  [/not enough local disk space/, (answer, { input }) => say(answer, `500 ${input}`)],
  // Whether it has payloads is not known before it says so itself.
  [/^Starting JobAgent/, answer => say({ ...answer, ready: true }, 'JobAgent')],
];

const AGENT_RULES: readonly Rule[] = [
  // What went wrong before is over.
  [
    /^Submitting JobWrapper (?:Wrapper_(\d{1,12})\b)?/,
    (answer, [, job]) =>
      say(
        {
          ...runs(answer, running(answer) + 1),
          // Of several at once no line tells which has ended.
          ...(answer.jobs === undefined ? {} : { jobs: job === undefined ? [] : [job] }),
          payloadsStarted: (answer.payloadsStarted ?? 0) + 1,
        },
        'JobAgent',
      ),
  ],
  [/^Job request OK, but no match found/, answer => say(answer, '300 no match found')],
  [
    /^(?:Failed to get jobs|Timeout while requesting job)/,
    (answer, { input }) => say(answer, `700 ${input}`),
  ],
  [
    /^Pilot version (?:mismatch|does not match)/,
    (answer, { input }) => say(answer, `600 ${input}`),
  ],
  [
    /^JobAgent will stop with message "(.*)", execution complete/,
    (answer, [, why = '']) => {
      const number = STOPS.find(([pattern]) => pattern.test(why))?.[1] ?? OTHER_STOP;
      return say({ ...answer, draining: true }, `${number} ${why}`);
    },
  ],
  [
    /^Found StopAgent file for agent/,
    answer => say({ ...answer, draining: true }, '100 told to stop'),
  ],
];

const ended = (answer: Answer): Answer => ({ ...none(answer), jobs: [] });

/** One payload at a time, and the cycle lasts as long as it does. */
const SINGLE_RULES: readonly Rule[] = [
  [/^Starting cycle for module /, answer => counted(ended(answer))],
  [/^Job (?:being submitted|submitted) \(/, ended],
  [/^Job submission failed/, ended],
];

/** Several at once; cycles come and go while they run. */
const POOL_RULES: readonly Rule[] = [
  [/^Starting cycle for module /, answer => counted(runs(answer, running(answer)))],
  [/^Task .*finished successfully/, oneLess],
  [/^Task failed submission/, oneLess],
  // Refused before it became a task.
  [/^Error in DIRAC JobWrapper or inner CE execution: Not enough (?:processors|memory) /, oneLess],
  [
    /^No available slots : (\d{1,6}) running jobs/,
    (answer, [, count]) => runs(answer, Number(count)),
  ],
];

const BEGINNING: Answer = { ready: false, payloads: NO_DATA };

const apply = (answer: Answer, rules: readonly Rule[], text: string): Answer => {
  for (const [pattern, followed] of rules) {
    const match = pattern.exec(text);
    if (match !== null) return followed(answer, match);
  }
  return answer;
};

/** Follows a pilot's log. @param isPool whether its payloads run several at once */
export const followDiracLog = (isPool: boolean) => {
  const agentRules = [...AGENT_RULES, ...(isPool ? POOL_RULES : SINGLE_RULES)];
  const nextOf = (answer: Answer, line: string): Answer => {
    const agent = AGENT_LINE.exec(line)?.[1];
    if (agent !== undefined) return apply(answer, agentRules, agent);
    const text = PILOT_LINE.exec(line)?.[1];
    if (text !== undefined) return apply(answer, PILOT_RULES, text);
    const told = START_LINE.exec(line)?.[1];
    return told === undefined ? answer : say(answer, told);
  };
  return (before: Answer | undefined, lines: readonly string[]): Answer =>
    lines.reduce(nextOf, before ?? BEGINNING);
};
