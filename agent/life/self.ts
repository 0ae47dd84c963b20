import { isSea } from 'node:sea';

/** How this very program is started again: the binary, or Node with its entry point. */
export const selfCommand = (): [string, ...string[]] =>
  isSea() ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
