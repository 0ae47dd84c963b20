import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import { createFiles, type Files } from '../../platform/files.ts';
import { type OptionValues, text } from './command.ts';

/** The folder given by `--root`, absolute; `/` for the real machine. */
export const rootOf = (values: OptionValues): string => {
  const root = resolve(text(values, 'root') ?? '/');
  if (!existsSync(root))
    throw new PilotageError(
      'usage',
      `there is no folder ${root}; remedy: make it, or leave --root out`,
    );
  return root;
};

export const filesOf = (values: OptionValues): Files => {
  const root = rootOf(values);
  return createFiles(root, root === '/' && process.getuid?.() === 0);
};
