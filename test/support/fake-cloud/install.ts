import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeCloudState {
  instances: Record<string, { isBusy?: boolean; isDeleting?: boolean; isSpared?: boolean }>;
  /** Exit codes with which the next calls end, whatever they ask for. */
  script: number[];
  /** `delete i-1`, in their order. */
  calls: string[];
  gone: string[];
  violations: string[];
}

export interface FakeCloud {
  /** The hook. */
  program: string;
  state(): FakeCloudState;
  change(change: (state: FakeCloudState) => void): void;
}

const MAIN = join(import.meta.dirname, 'main.ts');

/** A cloud that lies in a folder, and the hook that deletes its VMs. */
export const installFakeCloud = (
  folder: string,
  instances: FakeCloudState['instances'],
  script: number[] = [],
): FakeCloud => {
  const program = join(folder, 'hook');
  const file = join(folder, 'cloud.json');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' '${file}' "$@"\n`);
  chmodSync(program, 0o755);
  const write = (next: FakeCloudState): void => writeFileSync(file, JSON.stringify(next));
  const state = (): FakeCloudState => JSON.parse(readFileSync(file, 'utf8')) as FakeCloudState;
  write({ instances, script, calls: [], gone: [], violations: [] });
  return {
    program,
    state,
    change: change => {
      const next = state();
      change(next);
      write(next);
    },
  };
};
