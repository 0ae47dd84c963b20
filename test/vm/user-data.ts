import { stringify } from 'yaml';
import type { HostReceiver } from './host-receiver.ts';

/** Where a guest finds the host's receiver. */
export const RECEIVER_ADDRESS = '10.0.2.100:8443';
const CONTEXT_FOLDER = '/etc/pilotage/context.d';

export interface GuestFile {
  path: string;
  content: string;
  permissions: string;
}

/** A cloud-config that writes files, as sites hand contexts over. */
export const cloudConfig = (files: readonly GuestFile[]): string =>
  `#cloud-config\n${stringify({ write_files: files })}`;

export const contextFile = (name: string, content: object): GuestFile => ({
  path: `${CONTEXT_FOLDER}/${name}`,
  content: stringify(content),
  permissions: '0600',
});

/** The lifeline to the host's receiver, which proves itself by its key alone. */
export const receiverContext = (
  { pin, enrolmentSecret }: HostReceiver,
  address = RECEIVER_ADDRESS,
): object => ({
  version: 1,
  receiver: { url: `https://${address}`, pin, enrolmentSecret },
  identity: { site: 'TEST-BED', endpoint: 'qemu' },
});

export const receiverFile = (receiver: HostReceiver, more: object = {}): GuestFile =>
  contextFile('00-receiver.yaml', { ...receiverContext(receiver), ...more });

export const forwardTo = ({ port }: Pick<HostReceiver, 'port'>, address = RECEIVER_ADDRESS) => ({
  guest: address,
  hostPort: port,
});

/** One part of a MIME message: its media type and its text. */
export interface Part {
  type: string;
  text: string;
}

/** As cloud-init's `make-mime` writes several documents as one user-data. */
export const mimeMessage = (parts: readonly Part[]): string =>
  [
    'Content-Type: multipart/mixed; boundary="==part=="',
    'MIME-Version: 1.0',
    '',
    ...parts.flatMap(({ type, text }) => [
      '--==part==',
      `Content-Type: ${type}; charset="utf-8"`,
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: 7bit',
      '',
      text,
    ]),
    '--==part==--',
    '',
  ].join('\n');

/**
 * A pilot that notes its start and works until its VM drains, or until it is told to end. It burns a
 * little of its core, so that the VM is not idle.
 */
export const TEST_PILOT: GuestFile = {
  path: '/usr/local/bin/test-pilot',
  permissions: '0755',
  content: `#!/bin/sh
trap 'echo "$$ told to end" >>"$HOME/ends"; exit 0' TERM
echo "$$ started" >>"$HOME/starts"
echo "pilot of $(id -un) at work"
echo 'busy 1' >"$PILOTAGE_STATUS_FILE"
until [ -e "$PILOTAGE_DRAIN_FILE" ]; do sleep 1; done
sleep 3
echo "$$ finished" >>"$HOME/ends"
`,
};
