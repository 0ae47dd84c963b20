import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Counting } from './fuzzer.ts';
import type { WorkerMessage } from './worker.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
/** Silence that nothing below its bound explains, on a machine that others use as well. */
const SILENCE_MS = 10_000;
/** The same for a worker that has yet to load its code. */
const START_MS = 60_000;
/** A worker that needs more heap ends, and that is a crash; buffers come on top of it. */
const HEAP_MB = 96;

export interface FuzzSetting {
  seed: number;
  firstBatch: number;
  durationMs: number;
  /** Processes that share the batches; one if not said. */
  workers?: number;
  /** Of the young generation, MB: the smaller, the oftener it is collected, and the less is merely left over. */
  semiSpaceMb?: number;
  /** Silence after which a worker is killed, ms. */
  silenceMs?: number;
  /** What was found, for people. */
  tell(line: string): void;
}

/** One life of a worker: how it ended, and the batch it was at. */
interface Life {
  end: 'time' | 'silent' | 'died';
  batch: number;
  how: string;
}

const live = async (
  child: ChildProcess,
  endsAtMs: number,
  firstBatch: number,
  silenceMs: number,
  hear: (message: WorkerMessage) => void,
): Promise<Life> => {
  // Until the first message it may take as long as a start.
  let heardMs = performance.now() + START_MS - silenceMs;
  let batch = firstBatch;
  let died: string | undefined;
  child.on('message', (message: WorkerMessage) => {
    heardMs = performance.now();
    batch = message.batch;
    hear(message);
  });
  child.once('exit', (code, signal) => {
    died = signal ?? `exit code ${code}`;
  });
  for (;;) {
    if (died !== undefined) return { end: 'died', batch, how: died };
    const nowMs = performance.now();
    if (nowMs - heardMs > silenceMs) return { end: 'silent', batch, how: 'silence' };
    if (nowMs > endsAtMs) return { end: 'time', batch, how: 'time' };
    await delay(50);
  }
};

/**
 * Runs a fuzzer in processes of their own until the time is over. A worker that hangs is killed, one
 * that dies is counted, and the next goes on with the batch after.
 * @param module exports a Fuzzer of such parts as `fuzzer`
 */
export const runFuzzer = async <Part, Tally>(
  module: URL,
  counting: Counting<Part, Tally>,
  setting: FuzzSetting,
): Promise<Tally> => {
  const { seed, durationMs, tell, silenceMs = SILENCE_MS, workers = 1 } = setting;
  const { semiSpaceMb = 2 } = setting;
  const endsAtMs = performance.now() + durationMs;
  let tally = counting.empty;

  const hear = (message: WorkerMessage): void => {
    // The module exports the fuzzer of just these parts.
    const part = message.part as Part;
    tally = counting.add(tally, part);
    for (const finding of counting.findings(part))
      tell(`in batch ${message.batch} of seed ${seed}, ${finding}`);
  };

  /** One worker after the other, over every batch that falls to them: each of so many is theirs. */
  const runLane = async (firstBatch: number): Promise<void> => {
    for (let first = firstBatch; performance.now() < endsAtMs; ) {
      const child = fork(WORKER, [module.href, ...[seed, first, workers].map(String)], {
        execArgv: [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${semiSpaceMb}`],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const life = await live(child, endsAtMs, first, silenceMs, hear);
      child.removeAllListeners();
      child.kill('SIGKILL');
      if (life.end === 'time') break;
      tell(`the worker ended by ${life.how} in batch ${life.batch} or its next of seed ${seed}`);
      tally = counting.lose(tally, life.end === 'silent' ? 'hang' : 'crash');
      first = life.batch + 2 * workers;
    }
  };

  const lanes = Array.from({ length: workers }, (_, lane) => runLane(setting.firstBatch + lane));
  await Promise.all(lanes);
  return tally;
};
