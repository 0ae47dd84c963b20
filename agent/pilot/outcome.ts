import * as v from 'valibot';

/** What the end of a run means, as Vac's shutdown_message tells it. */
export const Outcome = v.picklist([
  'work-done',
  'no-restart',
  'nothing-to-do',
  'banned',
  'bad-node',
  'site-problem',
  'transient',
]);
export type Outcome = v.InferOutput<typeof Outcome>;

interface OutcomeRule {
  /** The number that Vac and Vcycle give it; from 300 on they back off. */
  vac: number;
  /** For people. */
  told: string;
  /**
   * `again`: a new run at once; `end`: none, and all is well; `rest`: after a while, but it is no
   * failure; `fail`: after a while, and counted; `give-up`: none, since this VM is of no use.
   */
  next: 'again' | 'end' | 'rest' | 'fail' | 'give-up';
}

/** What follows an end. */
export const OUTCOMES: { readonly [O in Outcome]: OutcomeRule } = {
  'work-done': { vac: 200, told: 'intended work done', next: 'again' },
  'no-restart': { vac: 200, told: 'asked not to be started again', next: 'end' },
  'nothing-to-do': { vac: 300, told: 'no more work', next: 'rest' },
  banned: { vac: 400, told: 'site, host or VM banned', next: 'give-up' },
  'bad-node': { vac: 500, told: 'problem with the environment or the VM', next: 'give-up' },
  'site-problem': { vac: 600, told: 'problem with the pilot or its service', next: 'fail' },
  transient: { vac: 700, told: 'transient problem', next: 'fail' },
};

/** By the hundreds of a shutdown message, `NNN text`; 100 is an end that was asked for. */
export const outcomeOfMessage = (message: string): Outcome | undefined => {
  const hundreds = /^([1-7])\d\d(?:\s|$)/.exec(message)?.[1];
  if (hundreds === undefined) return undefined;
  if (hundreds === '1') return 'work-done';
  return Outcome.options.find(outcome => OUTCOMES[outcome].vac === Number(hundreds) * 100);
};
