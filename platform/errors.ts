/**
 * The one error class. `code` is what programs branch on, `message` is for people, `context` holds
 * the facts that belong to it (never a secret), `cause` the failure underneath.
 */
export class PilotageError extends Error {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    context: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PilotageError';
    this.code = code;
    this.context = context;
  }
}

/** Every code, with what it means; the exit codes of the programs follow from `exitCodeOf`. */
export const ERROR_CODES = {
  usage: 'the command line cannot be understood',
  'context-missing': 'no context was found',
  'context-invalid': 'the context was found and refused',
  'trace-invalid': 'a trace is missing, or was refused',
  'file-too-large': 'a file is larger than its bound',
  'file-failed': 'a file could not be read or written',
  'command-failed': 'a program ended otherwise than expected',
  'command-timeout': 'a program did not end in time',
  'http-failed': 'no usable answer came from a server',
  'http-timeout': 'a server did not answer in time',
  'http-untrusted': 'a server did not prove to be the one that was meant',
  'http-refused': 'a server understood the request and refused it',
  'reply-invalid': 'an answer does not follow its protocol',
  'state-invalid': 'a state file of ours cannot be understood',
  'node-unfit': 'a node check failed: no payload may run here',
  'step-failed': 'a step of the contextualization failed',
  'not-running': 'no agent runs on this machine',
  'listen-failed': 'a server cannot listen at its address',
  'storage-failed': 'the database could not be opened, read or written',
  'peek-refused': 'a VM did not let a pilot be looked at, or had nothing to show',
  'no-squid': 'no usable squid is known',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export const isPilotageError = (error: unknown): error is PilotageError =>
  error instanceof PilotageError;

/** One line for a person: the message, and what lies underneath where it adds something. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return error.message.includes(cause.slice(2)) ? error.message : `${error.message}${cause}`;
};

/** 64 (EX_USAGE) for the command line, 78 (EX_CONFIG) for the context, 1 for the rest. */
export const exitCodeOf = (error: unknown): number => {
  if (!isPilotageError(error)) return 1;
  if (error.code === 'usage') return 64;
  return error.code === 'context-invalid' || error.code === 'context-missing' ? 78 : 1;
};

/** The errno code of a Node error (`ENOENT`, `ENOSPC`, …), if it has one. */
export const errnoOf = (error: unknown): string | undefined => {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** An error as scripts read it: code, message, and the problems of a context if there are any. */
export const errorReport = (
  error: unknown,
): { code: string; message: string; problems?: unknown } => ({
  code: isPilotageError(error) ? error.code : 'internal',
  message: messageOf(error),
  ...(isPilotageError(error) && error.context.problems !== undefined
    ? { problems: error.context.problems }
    : {}),
});
