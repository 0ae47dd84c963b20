import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { parseTask, prepareToBegin } from './task.ts';

/** The least there can be: the same children, each with files for its output, and nothing remembered. */
const task = parseTask(process.argv);
const { root, children, command, environment } = task;
const [program, ...args] = command;
// It stays, as the agent does; a signal alone would not keep it.
setInterval(() => undefined, 1e9);

const main = async (): Promise<void> => {
  await prepareToBegin(task)();
  for (let index = 0; index < children; index += 1) {
    const out = openSync(join(root, `${index}.out`), 'a', 0o600);
    const err = openSync(join(root, `${index}.err`), 'a', 0o600);
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment, PILOTAGE_SLOT: String(index) },
      detached: true,
      stdio: ['ignore', out, err],
    });
    child.unref();
    closeSync(out);
    closeSync(err);
  }
};

// No top-level await: it is bundled as the agent is.
void main();
