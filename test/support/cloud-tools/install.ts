import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

export interface CloudTools {
  /** To be put first in PATH. */
  folder: string;
  world(): World;
  change(change: (world: World) => void): void;
}

/** Puts the stand-ins of all tools into a folder. */
export const installCloudTools = (folder: string, begin: Partial<World> = {}): CloudTools => {
  const bin = join(folder, 'bin');
  const file = join(folder, 'world.json');
  mkdirSync(bin, { recursive: true });
  for (const tool of ['aws', 'az', 'gcloud', 'onevm', 'openstack']) {
    const path = join(bin, tool);
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' '${file}' ${tool} "$@"\n`);
    chmodSync(path, 0o755);
  }
  const world = (): World => JSON.parse(readFileSync(file, 'utf8')) as World;
  const write = (next: World): void => writeFileSync(file, JSON.stringify(next));
  write({ machines: {}, groups: {}, faults: [], calls: [], ...begin });
  return {
    folder: bin,
    world,
    change: change => {
      const next = world();
      change(next);
      write(next);
    },
  };
};
