import { credentialEndMs } from '../../platform/credential-end.ts';
import { formatDuration } from '../../platform/duration.ts';
import { credentialCopies } from '../context/planners/credentials.ts';
import type { Credential } from '../context/schema/credentials.ts';
import { readHandedOut } from '../credentials/copies.ts';
import { readRecord } from '../credentials/record.ts';
import { PATHS } from '../paths.ts';
import {
  type Check,
  type CheckInput,
  type CheckOutcome,
  type CheckPorts,
  failed,
  gravest,
  ok,
  skipped,
} from './check.ts';

/** What is kept fresh may live shortly, but must live. */
const RENEWED_MS = 60_000;

/** @param end ms since 1970; `undefined`: nobody says */
export const judgeCredential = (
  name: string,
  end: number | undefined,
  nowMs: number,
  neededMs: number,
): CheckOutcome => {
  if (end === undefined) return skipped(`${name} does not say how long it lives`);
  const left = end - nowMs;
  if (left <= 0) return failed(`${name} expired ${formatDuration(-left)} ago`);
  const told = `${name} lives for ${formatDuration(left)}`;
  return left < neededMs ? failed(`${told}, ${formatDuration(neededMs)} needed`) : ok(told);
};

/** As pilots find it; before the VM is contextualized, as the context has it. */
const examine = async (
  { name, content: given, from }: Credential,
  { context: { checks }, slots }: CheckInput,
  { files, clock }: CheckPorts,
): Promise<CheckOutcome> => {
  const copies = credentialCopies(name, slots);
  const handedOut = await readHandedOut(copies, { files });
  const isPrepared = (await files.facts(PATHS.resolvedContext)) !== undefined;
  if (handedOut === undefined && isPrepared && copies.length > 0)
    return failed(`not every pilot user has the same ${name}`);
  const content = handedOut ?? given;
  if (content === undefined) return skipped(`${name} has not been fetched yet`);
  const record = await readRecord(files, name, content);
  const needed = checks.credentialLife;
  return judgeCredential(
    name,
    record?.endMs ?? credentialEndMs(content),
    clock.wallMs(),
    from === undefined ? needed : Math.min(needed, RENEWED_MS),
  );
};

export const credentials: Check = {
  name: 'credentials',
  run: async (input, ports) =>
    gravest(
      await Promise.all(input.context.credentials.map(each => examine(each, input, ports))),
      'the context has no credentials',
    ),
};
