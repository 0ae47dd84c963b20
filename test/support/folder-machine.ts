import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFiles, type Files } from '../../platform/files.ts';

/** A fresh folder that stands for a machine, gone when the test ends. */
export const createFolderMachine = (): { root: string; files: Files } => {
  const root = mkdtempSync(join(tmpdir(), 'pilotage-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return { root, files: createFiles(root) };
};
