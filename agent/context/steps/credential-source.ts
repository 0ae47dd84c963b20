import { credentialEndMs } from '../../../platform/credential-end.ts';
import { isPilotageError, messageOf, PilotageError } from '../../../platform/errors.ts';
import { handOut, readHandedOut } from '../../credentials/copies.ts';
import { obtain } from '../../credentials/obtain.ts';
import type { Obtained } from '../../credentials/obtainment.ts';
import { removeRecord, writeRecord } from '../../credentials/record.ts';
import { refreshTokenPath } from '../../credentials/refresh-token-store.ts';
import { fetchCredential, readVmToken } from '../../uplink/fetch-credential.ts';
import type { StepOf } from '../step.ts';
import type { Executor } from './executor.ts';
import type { StepPorts } from './ports.ts';

type SourceStep = StepOf<'credential-source'>;

/** A source that comes up with the VM is waited for: the agent's enrolment, a token agent's first file. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 3000;

/** By a connection of our own, with the token of the agent that has enrolled, or is about to. */
const askReceiver =
  ({ receiver }: SourceStep, { files, http }: StepPorts) =>
  async (name: string, signal: AbortSignal) => {
    if (receiver === undefined)
      throw new PilotageError('context-invalid', 'the context names no receiver');
    const token = await readVmToken(files, receiver.url);
    if (token === undefined)
      throw new PilotageError('not-running', `this VM is not enrolled at ${receiver.url} yet`);
    const server = http(new URL(receiver.url).origin, receiver);
    try {
      return await fetchCredential(server, { name, token, signal });
    } finally {
      await server.close();
    }
  };

const firstContent = async (step: SourceStep, ports: StepPorts): Promise<Obtained> => {
  const { name, source, content } = step;
  const { clock, log } = ports;
  const endMs = clock.monotonicMs() + PATIENCE_MS;
  const never = new AbortController().signal;
  for (;;) {
    try {
      const input = { name, source, known: undefined };
      return await obtain(input, { ...ports, askReceiver: askReceiver(step, ports) }, never);
    } catch (error) {
      if (!isPilotageError(error)) throw error;
      if (content !== undefined) {
        log.warn({ credential: name, error: messageOf(error) }, 'the one of the context serves');
        const end = credentialEndMs(content);
        return { content, ...(end === undefined ? {} : { endMs: end }) };
      }
      if (clock.monotonicMs() + PAUSE_MS >= endMs) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
};

/** The first content; the agent that keeps running sees to all that follow. */
export const credentialSource: Executor<'credential-source'> = {
  apply: async (step, ports, previous) => {
    const { files, clock } = ports;
    const kept = new Set(step.copies.map(({ path }) => path));
    for (const { path } of previous?.copies ?? []) if (!kept.has(path)) await files.remove(path);
    const { content, endMs } = await firstContent(step, ports);
    await handOut(step.copies, content, ports);
    const obtainment = { obtainedMs: clock.wallMs(), ...(endMs === undefined ? {} : { endMs }) };
    await writeRecord(files, step.name, content, obtainment);
  },
  undo: async ({ name, copies }, { files }) => {
    for (const { path } of copies) await files.remove(path);
    await removeRecord(files, name);
    await files.remove(refreshTokenPath(name));
  },
  holds: async ({ copies }, { files }) => (await readHandedOut(copies, { files })) !== undefined,
};
