import { credentialEndMs } from '../../platform/credential-end.ts';
import { formatDuration } from '../../platform/duration.ts';
import { type Check, type CheckOutcome, failed, gravest, ok, skipped } from './check.ts';

export const judgeCredential = (
  name: string,
  content: string,
  nowMs: number,
  neededMs: number,
): CheckOutcome => {
  const end = credentialEndMs(content);
  if (end === undefined) return skipped(`${name} does not say how long it lives`);
  const left = end - nowMs;
  if (left <= 0) return failed(`${name} expired ${formatDuration(-left)} ago`);
  const told = `${name} lives for ${formatDuration(left)}`;
  return left < neededMs ? failed(`${told}, ${formatDuration(neededMs)} needed`) : ok(told);
};

export const credentials: Check = {
  name: 'credentials',
  run: async ({ context: { credentials: all, checks } }, { clock }) =>
    gravest(
      all.map(({ name, content }) =>
        judgeCredential(name, content, clock.wallMs(), checks.credentialLife),
      ),
      'the context has no credentials',
    ),
};
