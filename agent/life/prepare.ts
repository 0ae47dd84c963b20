import * as v from 'valibot';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { readLifeline, readResolved } from '../context/resolved.ts';
import type { Lifeline } from '../context/schema.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { Prepared } from '../monitor/tick.ts';

/**
 * Contextualization as the running agent sees it. It is done by a child, the same program, so that
 * what it needs (YAML, facts, the steps' programs) is gone from memory afterwards, and so that it can
 * be ended if it hangs.
 */
export interface Preparer {
  /** The receiver's address and trust, read by themselves. Fails with the child's own words. */
  lifeline(signal: AbortSignal): Promise<Lifeline>;
  /** @param hold how long to hold a VM whose own words on that cannot be understood, ms */
  context(hold: number, signal: AbortSignal): Promise<Prepared>;
  /** Asks for the context anew while pilots run. Fails with the child's own words; then all is as before. */
  reload(signal: AbortSignal): Promise<Prepared & { state: 'done' }>;
}

/** A metadata service that comes up late is waited for; the agent ticks meanwhile. */
const LIFELINE_MS = 300_000;
const CONTEXTUALIZE_MS = 3_600_000;

/** The last line that the child prints is its error, as JSON. */
const ChildError = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

const explain = (error: unknown): string => {
  if (!isPilotageError(error) || error.code !== 'command-failed') return messageOf(error);
  const lastLine =
    String(error.context.stdout ?? '')
      .trim()
      .split('\n')
      .at(-1) ?? '';
  return parseJson(ChildError, lastLine)?.error.message ?? messageOf(error);
};

export const createPreparer = (
  { exec, files }: { exec: Exec; files: Files },
  root: string,
  self: readonly [string, ...string[]],
): Preparer => {
  const child = async (
    args: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const [program, ...first] = self;
    await exec.run(program, [...first, 'contextualize', '--json', '--root', root, ...args], {
      timeoutMs,
      signal,
      env: { ...process.env } as Record<string, string>,
    });
  };
  const resolved = async (): Promise<Prepared & { state: 'done' }> => ({
    state: 'done',
    ...(await readResolved(files)),
  });
  return {
    reload: async signal => {
      try {
        await child(['--anew'], CONTEXTUALIZE_MS, signal);
      } catch (error) {
        // Its words are all that whoever asked can use.
        throw new PilotageError('context-invalid', explain(error));
      }
      return resolved();
    },
    lifeline: async signal => {
      try {
        await child(['--lifeline'], LIFELINE_MS, signal);
      } catch (error) {
        throw new PilotageError('context-invalid', explain(error), {}, error);
      }
      return readLifeline(files);
    },
    context: async (hold, signal) => {
      try {
        await child([], CONTEXTUALIZE_MS, signal);
        return await resolved();
      } catch (error) {
        return { state: 'failed', reason: explain(error), context: { ...DEFAULT_CONTEXT, hold } };
      }
    },
  };
};
