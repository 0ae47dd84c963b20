import { type Command, type CommandGroups, JSON_OPTION, ROOT_OPTION } from './command.ts';
import { CONTEXT_COMMANDS } from './context-commands.ts';
import { ORDER_COMMANDS } from './order-commands.ts';
import { TRACE_COMMANDS } from './trace-commands.ts';
import { USER_DATA_COMMAND } from './user-data-command.ts';

/** What the commands of a group have in common. */
export const COMMAND_GROUPS: CommandGroups = {
  context: 'Validate, show or convert contexts, whatever they are written in',
};

/** Every command there is. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    describe: 'Be the agent of this VM: contextualize it, run its pilots, end it',
    options: {
      ...ROOT_OPTION,
      'log-level': { type: 'string', describe: 'debug, info, warn or error', default: 'info' },
    },
    examples: [
      ['$0 run', 'as the systemd unit does'],
      ['$0 run --root ./vm', 'the folder ./vm is the VM; power-off is a file in it'],
    ],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'contextualize',
    describe: 'Prepare this VM as its context says, once',
    options: {
      ...ROOT_OPTION,
      ...JSON_OPTION,
      'dry-run': { type: 'boolean', describe: 'Print the plan, write nothing', default: false },
      context: { type: 'string', describe: 'This file instead of the context of the machine' },
      undo: {
        type: 'boolean',
        describe: 'Take back what contextualization did, as far as it can be',
        default: false,
      },
      lifeline: { type: 'boolean', describe: 'Only read 00-receiver.yaml', default: false },
      anew: {
        type: 'boolean',
        describe: 'Ask for the context anew; where it is no good, all stays as it was',
        default: false,
      },
    },
    examples: [
      ['$0 contextualize --dry-run', 'what would be done here'],
      [
        '$0 contextualize --dry-run --json --root "$(mktemp -d)" --context site.yaml',
        'the plan of a file',
      ],
      ['$0 contextualize --undo', "before this VM's disk becomes an image"],
    ],
    load: async () => (await import('./contextualize.ts')).contextualizeCommand,
  },
  ...CONTEXT_COMMANDS,
  USER_DATA_COMMAND,
  {
    name: 'source',
    describe: 'Where user-data comes from here, why, and what the cloud tells of this VM',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [
      ['$0 source', 'exit code 1 if a source may have user-data and does not answer'],
      [
        'PILOTAGE_METADATA_URL=http://127.0.0.1:8080 $0 source',
        'ask a relay; PILOTAGE_ALLOW_IMDSV1=1 asks an old EC2 without a token',
      ],
    ],
    load: async () => (await import('./source.ts')).source,
  },
  {
    name: 'status',
    describe: 'What this VM is doing',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [['$0 status', 'phase, readings and pilots']],
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'pilots',
    describe: 'Each slot with its pilot: what it does, since when, and how its last one ended',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [
      ['$0 pilots', 'one line a slot: idle, busy, draining, waiting for its next start, …'],
      ['$0 pilots --json', 'durations in ms, memory in MB, the last end as Vac numbers it'],
    ],
    load: async () => (await import('./pilots.ts')).pilots,
  },
  {
    name: 'why',
    describe: 'Why it does that: the last decisions with the readings they rest on',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [['$0 why', 'each policy with its verdict, and the last turns']],
    load: async () => (await import('./why.ts')).why,
  },
  {
    name: 'policies',
    describe: 'Which policies judge this VM, in their order, and which action wins',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [['$0 policies', 'each with what it may do, its mode, and when']],
    load: async () => (await import('./policies.ts')).policies,
  },
  {
    name: 'doctor',
    describe: 'Is this node fit for payloads? Each check with its verdict and reason',
    options: { ...ROOT_OPTION, ...JSON_OPTION },
    examples: [['$0 doctor', 'exit code 1 if a check failed']],
    load: async () => (await import('./doctor.ts')).doctor,
  },
  ...TRACE_COMMANDS,
  ...ORDER_COMMANDS,
];
