/**
 * The words in which user-data is asked for: on the command line, which every run of the agent loads,
 * and in a file of answers. No imports, so that they cost nothing there.
 */

/** `plain` is the bare context, for images whose agent reads user-data without cloud-init. */
export const FORMS = ['cloud-config', 'mime', 'plain'] as const;
export type Form = (typeof FORMS)[number];

/** How the bytes are packed; what a cloud's API undoes by itself counts too. */
export const ENCODINGS = ['none', 'gzip', 'base64', 'gzip+base64'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const CLOUD_NAMES = ['ec2', 'openstack', 'gce', 'azure', 'opennebula', 'nocloud'] as const;
export type CloudName = (typeof CLOUD_NAMES)[number];

/** Questions whose answers become parts of the context. */
export const QUESTIONS = {
  'receiver-url': 'Where heartbeats go: https://receiver.example.org:8443',
  'receiver-pin': "Hash of the receiver's public key: sha256//…",
  'receiver-ca-file': "File with the authority of the receiver's certificate, PEM",
  'enrolment-secret-file': 'File with the secret by which VMs enrol',
  site: 'Where the VM runs',
  endpoint: 'Which of the clouds there',
  'running-pod': 'Which fleet it belongs to',
  vo: 'For whom it works',
  image: 'What it is started from',
  repositories: 'CVMFS repositories, with commas between them',
  proxies: 'CVMFS proxies: http://a:3128|http://b:3128;DIRECT',
  'http-proxy': 'Proxy for the rest of the system: http://squid.example.org:3128',
  kind: 'Kind of the pilots; command where one is given',
  command: 'Program of the pilots and its arguments, with blanks between them',
  slots: 'per-core or whole-node',
  lifetime: "The VM's hard end, counted from its first start: 48h",
  'pilot-token-file': 'File with a token for pilots, who find it by BEARER_TOKEN_FILE',
  'pilot-proxy-file': 'File with an X.509 proxy for pilots, who find it by X509_USER_PROXY',
} as const;
export type QuestionName = keyof typeof QUESTIONS;
export const QUESTION_NAMES = Object.keys(QUESTIONS) as QuestionName[];
