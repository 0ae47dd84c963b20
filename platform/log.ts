import { pino } from 'pino';

/** Levels oblige: an error means that somebody must act, a warning that somebody may have to. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields that never reach a log, at any of the depths at which ours stand. */
const SECRET_FIELDS = ['token', 'secret', 'authorization', 'content', 'password'];

/**
 * JSON lines, one an event, as journald and every collector take them.
 * @param lines called with each finished line, its newline included
 */
export const createLog = (level: LogLevel, lines: (line: string) => void): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
        censor: '(secret)',
      },
    },
    { write: lines },
  );
