import { type Command, JSON_OPTION, ROOT_OPTION } from './command.ts';

const FILES = {
  name: 'files',
  describe:
    'A context, or user-data that holds one: YAML, cloud-config, MIME, gzip, base64, glideinWMS',
} as const;

/** `context …`: looks at contexts, and changes nothing. */
export const CONTEXT_COMMANDS: readonly Command[] = [
  {
    name: 'context validate',
    describe: 'Say of each file whether it is a valid context, and what is wrong where it is not',
    positional: FILES,
    options: JSON_OPTION,
    examples: [['$0 context validate cloud-init/samples/*', 'exit code 1 if any is not']],
    load: async () => (await import('./context.ts')).validate,
  },
  {
    name: 'context show',
    describe: 'Print the context of this machine, merged from its files, without secrets',
    options: {
      ...ROOT_OPTION,
      ...JSON_OPTION,
      context: { type: 'string', describe: 'This file instead of the context of the machine' },
    },
    examples: [
      ['$0 context show', 'of this machine'],
      ['$0 context show --context site.yaml --json', 'of a file'],
    ],
    load: async () => (await import('./context.ts')).show,
  },
  {
    name: 'context convert',
    describe: 'Print user-data of another system as a context, with its secrets',
    positional: FILES,
    options: {},
    examples: [['$0 context convert glidein-user-data > site.yaml', 'one YAML document a file']],
    load: async () => (await import('./context.ts')).convert,
  },
  {
    name: 'context schema',
    describe: 'Print the JSON Schema of a context, for editors',
    options: {},
    examples: [['$0 context schema > context.schema.json', '']],
    load: async () => (await import('./context.ts')).schema,
  },
];
