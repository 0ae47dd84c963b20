import { formatDuration } from '../../platform/duration.ts';
import type { CredentialView } from '../credentials/credential-view.ts';

/** `for 23h 59m`, `ended 5m ago`, `?` where its kind does not say. */
export const credentialLifeText = ({ endsAt }: CredentialView, receiverTime: string): string => {
  if (endsAt === null) return '?';
  const leftMs = Date.parse(endsAt) - Date.parse(receiverTime);
  return leftMs > 0 ? `for ${formatDuration(leftMs)}` : `ended ${formatDuration(-leftMs)} ago`;
};
