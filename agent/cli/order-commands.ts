import { type Command, ROOT_OPTION } from './command.ts';

const REASON = { reason: { type: 'string', describe: 'Why, for the records' } } as const;
const WAIT = {
  wait: { type: 'boolean', describe: 'Wait, and say what became of it', default: false },
} as const;

/** What an operator on the machine may order of the agent: the same as by the receiver, where it makes sense here. */
export const ORDER_COMMANDS: readonly Command[] = [
  {
    name: 'drain',
    describe: 'Start no new pilots, let the running ones finish, then power off',
    options: {
      ...ROOT_OPTION,
      ...REASON,
      deadline: { type: 'string', describe: 'How long running pilots may go on, e.g. 30m' },
    },
    examples: [['$0 drain --deadline 2h --reason "kernel update"', 'all over in two hours']],
    load: async () => (await import('./order.ts')).drain,
  },
  {
    name: 'undrain',
    describe: 'Take a drain back',
    options: { ...ROOT_OPTION, ...REASON },
    examples: [['$0 undrain', '']],
    load: async () => (await import('./order.ts')).undrain,
  },
  {
    name: 'halt',
    describe: 'End the pilots, send the last heartbeat and logs, power off',
    options: {
      ...ROOT_OPTION,
      ...REASON,
      now: { type: 'boolean', describe: 'Kill the pilots at once', default: false },
    },
    examples: [['$0 halt --reason "bad disk"', '']],
    load: async () => (await import('./order.ts')).halt,
  },
  {
    name: 'end-pilot',
    describe: 'End one pilot; another follows it, unless it is said to be the last',
    positional: { name: 'PILOT', describe: 'A slot such as 00, or one run of it such as 00-3' },
    options: {
      ...ROOT_OPTION,
      ...REASON,
      ...WAIT,
      now: { type: 'boolean', describe: 'Kill it at once', default: false },
      last: { type: 'boolean', describe: 'No other follows it', default: false },
    },
    examples: [['$0 end-pilot 00', 'the next one starts once it has ended']],
    load: async () => (await import('./order.ts')).endPilot,
  },
  {
    name: 'signal',
    describe: 'Send a signal to payloads, as far as they have a handler for it',
    options: {
      ...ROOT_OPTION,
      ...REASON,
      ...WAIT,
      signal: { type: 'string', describe: 'Which', choices: ['USR1', 'USR2', 'HUP', 'CONT'] },
      pilot: { type: 'string', describe: 'Only to those of one slot, or of one run' },
    },
    examples: [
      ['$0 signal --signal USR1 --pilot 00 --wait', 'its payloads write a checkpoint, say'],
    ],
    load: async () => (await import('./order.ts')).signal,
  },
  {
    name: 'rediscover',
    describe: 'Have CVMFS ask anew which squids there are, where the context lets it',
    options: { ...ROOT_OPTION, ...REASON, ...WAIT },
    examples: [['$0 rediscover --wait', '']],
    load: async () => (await import('./order.ts')).rediscover,
  },
  {
    name: 'reload',
    describe: 'Fetch the context anew and take it up while pilots go on; a bad one changes nothing',
    options: { ...ROOT_OPTION, ...REASON, ...WAIT },
    examples: [['$0 reload --wait', 'and says what is another, or what is wrong']],
    load: async () => (await import('./order.ts')).reload,
  },
];
