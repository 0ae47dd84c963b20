import { USER_DATA_LIMITS } from '../formats/read-user-data.ts';
import { type CloudName, ENCODINGS, type Encoding, type Form } from './words.ts';

export const isBase64 = (encoding: Encoding): boolean => encoding.endsWith('base64');
export const isGzip = (encoding: Encoding): boolean => encoding.startsWith('gzip');

export interface Limit {
  bytes: number;
  /** `raw`: before base64; `base64`: after it, whoever encodes; `stored`: what is handed over. */
  of: 'raw' | 'base64' | 'stored';
  because: string;
}

/** What a cloud takes as user-data. */
export interface Cloud {
  title: string;
  limitOf(form: Form): Limit;
  /** The first that fits is taken; cloud-init and the agent undo each of them on this cloud. */
  preferred: readonly Encoding[];
  encodings: readonly Encoding[];
  /** How the result is handed over, with `FILE` for where it lies. */
  handOver(form: Form, encoding: Encoding): string;
}

/** Every cloud that user-data is written for. The sizes are those of the clouds' own references. */
export const CLOUDS = {
  ec2: {
    title: 'Amazon EC2',
    limitOf: () => ({ bytes: 16_384, of: 'raw', because: 'of EC2, before base64' }),
    preferred: ['none', 'gzip'],
    encodings: ENCODINGS,
    handOver: (_form, encoding) =>
      isBase64(encoding)
        ? 'UserData of the API or of CloudFormation, user_data_base64 of Terraform'
        : 'aws ec2 run-instances --user-data fileb://FILE',
  },
  openstack: {
    title: 'OpenStack',
    limitOf: () => ({ bytes: 65_535, of: 'base64', because: 'of Nova, after base64' }),
    preferred: ['none', 'gzip'],
    encodings: ENCODINGS,
    handOver: (_form, encoding) =>
      isBase64(encoding) ? 'user_data of the API' : 'openstack server create --user-data FILE',
  },
  gce: {
    title: 'Google Compute Engine',
    limitOf: () => ({ bytes: 262_144, of: 'stored', because: 'of one metadata value' }),
    // A metadata value is text, and its base64 is undone in the VM.
    preferred: ['none', 'gzip+base64'],
    encodings: ['none', 'base64', 'gzip+base64'],
    handOver: (_form, encoding) =>
      `gcloud compute instances create --metadata-from-file user-data=FILE${isBase64(encoding) ? ' --metadata user-data-encoding=base64' : ''}`,
  },
  azure: {
    title: 'Microsoft Azure',
    // cloud-init takes customData; the agent by itself sees userData alone.
    limitOf: form =>
      form === 'plain'
        ? { bytes: 65_536, of: 'base64', because: 'of userData, after base64' }
        : { bytes: 65_535, of: 'raw', because: 'of customData, before base64' },
    // az reads its file as text and encodes that, so what is compressed goes by a template.
    preferred: ['none', 'gzip+base64'],
    encodings: ['none', 'base64', 'gzip+base64'],
    handOver: (form, encoding) => {
      const [property, option] =
        form === 'plain' ? ['userData', '--user-data'] : ['customData', '--custom-data'];
      return isBase64(encoding) ? `${property} of a template` : `az vm create ${option} FILE`;
    },
  },
  opennebula: {
    title: 'OpenNebula',
    // Linux bounds `USER_DATA=…` with its end to 128 KiB, and one-context exports it.
    limitOf: () => ({ bytes: 131_061, of: 'base64', because: 'of one variable, as base64' }),
    preferred: ['base64', 'gzip+base64'],
    encodings: ['base64', 'gzip+base64'],
    handOver: () => 'the section CONTEXT of a template: onetemplate update ID FILE --append',
  },
  nocloud: {
    title: 'NoCloud',
    limitOf: () => ({ bytes: USER_DATA_LIMITS.bytes, of: 'stored', because: 'of this agent' }),
    preferred: ['none'],
    encodings: ['none', 'gzip'],
    handOver: () => 'user-data of a seed: cloud-localds seed.img FILE META-DATA',
  },
} as const satisfies Readonly<Record<CloudName, Cloud>>;
