import { type Hardware, PLAIN_HARDWARE } from './hardware.ts';

/** cloud-init's NoCloud: a disk labelled cidata. */
export const nocloudHardware = (name: string, userData: string | Buffer): Hardware => ({
  ...PLAIN_HARDWARE,
  seed: {
    label: 'cidata',
    files: {
      'user-data': userData,
      'meta-data': `instance-id: i-${name}\nlocal-hostname: ${name}\n`,
    },
  },
});
