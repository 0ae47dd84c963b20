import {
  CLOUD_NAMES,
  ENCODINGS,
  FORMS,
  QUESTION_NAMES,
  QUESTIONS,
} from '../context/user-data/words.ts';
import type { Command, OptionSpec } from './command.ts';

const ANSWERS: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  QUESTION_NAMES.map(name => [name, { type: 'string', describe: QUESTIONS[name] }]),
);

/** `user-data`: what a cloud is told when a VM is started. */
export const USER_DATA_COMMAND: Command = {
  name: 'user-data',
  describe: 'Write user-data for a cloud, from a sample, contexts, and a few answers',
  options: {
    cloud: { type: 'string', describe: 'Which cloud it is for', choices: CLOUD_NAMES },
    form: {
      type: 'string',
      describe: 'How it is written; plain is for images without cloud-init',
      choices: FORMS,
    },
    encoding: {
      type: 'string',
      describe: 'How it is packed; else as the cloud likes it, compressed if it must be',
      choices: ENCODINGS,
    },
    from: { type: 'string', describe: 'Begin with this sample, or user-data of your own' },
    context: {
      type: 'string',
      array: true,
      describe: 'Contexts, taken as they are; each is merged over those before it',
    },
    part: {
      type: 'string',
      array: true,
      describe: 'Scripts and cloud-configs to send along, as parts of a MIME message',
    },
    answers: { type: 'string', describe: 'File with answers, by the names of these options: YAML' },
    ...ANSWERS,
    output: { type: 'string', describe: 'Write this file, closed to others; else to the terminal' },
    'meta-data': { type: 'string', describe: 'For nocloud: write its meta-data to this file' },
    'instance-id': { type: 'string', describe: "For --meta-data: the VM's id and name" },
  },
  examples: [
    [
      '$0 user-data --cloud openstack --from cloud-init/samples/single-vo.yaml --site MY-CLOUD --enrolment-secret-file enrolment.secret --output user-data',
      'a sample with answers of your own',
    ],
    [
      '$0 user-data --cloud ec2 --context 50-site.yaml --receiver-url https://receiver.example.org:8443 --enrolment-secret-file enrolment.secret --encoding base64',
      'your own context, for an API that wants base64',
    ],
    [
      '$0 user-data --cloud nocloud --answers answers.yaml --output user-data --meta-data meta-data --instance-id vm-1',
      'both files of a seed',
    ],
  ],
  load: async () => (await import('./user-data.ts')).userData,
};
