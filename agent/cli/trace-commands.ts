import { type Command, JSON_OPTION, ROOT_OPTION } from './command.ts';

/** Traces of what agents saw: written, and judged anew. */
export const TRACE_COMMANDS: readonly Command[] = [
  {
    name: 'simulate',
    describe: 'What the policies of a context make of a recorded trace, and why',
    options: {
      trace: { type: 'string', describe: 'The trace: JSON lines, as record writes them' },
      context: { type: 'string', describe: 'The context; without it all policies are by default' },
      expect: {
        type: 'string',
        describe: 'What the VM has to come to, or else exit code 1',
        choices: ['running', 'draining', 'failed', 'halting'],
      },
      schema: { type: 'boolean', describe: 'Print the JSON Schema of a trace', default: false },
      ...JSON_OPTION,
    },
    examples: [
      ['$0 simulate --trace vm.trace', 'the chain reading → policy → decision, at each change'],
      [
        '$0 simulate --trace vm.trace --context site.yaml --expect running',
        'exit code 1 if the policies of site.yaml would have ended this VM',
      ],
    ],
    load: async () => (await import('./simulate.ts')).simulate,
  },
  {
    name: 'record',
    describe: 'Write down what the agent of this VM sees, as a trace for simulate',
    options: {
      ...ROOT_OPTION,
      for: { type: 'string', describe: 'For how long; without it until it is stopped' },
    },
    examples: [['$0 record --for 1h >vm.trace', 'the agent itself does nothing for it']],
    load: async () => (await import('./record.ts')).record,
  },
];
