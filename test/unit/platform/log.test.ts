import { describe, expect, test } from 'vitest';
import { createLog, type LogLevel } from '../../../platform/log.ts';

const capture = (level: LogLevel = 'debug') => {
  const lines: string[] = [];
  const log = createLog(level, line => lines.push(line));
  return { lines, log, first: () => JSON.parse(lines[0] ?? '') as Record<string, unknown> };
};

describe('a log line', () => {
  test('is one JSON object with level, time and message', () => {
    const { log, lines, first } = capture();
    log.info({ slot: 'a' }, 'started\nand more');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(first()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      slot: 'a',
      msg: 'started\nand more',
    });
  });

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at %s and above', (level, count) => {
    const { log, lines } = capture(level);
    log.debug({}, 'd');
    log.info({}, 'i');
    log.warn({}, 'w');
    log.error({}, 'e');
    expect(lines).toHaveLength(count);
  });
});

describe('secrets', () => {
  const canary = 'canary-7f3a';
  test.each(['token', 'secret', 'authorization', 'content', 'password'])(
    '%s never appears, at three depths and in lists',
    name => {
      const { log, lines } = capture();
      log.info({ [name]: canary }, 'top');
      log.info({ request: { [name]: canary } }, 'below');
      log.info({ request: { headers: { [name]: canary } } }, 'deeper');
      log.info({ files: [{ path: '/a', [name]: canary }] }, 'in a list');
      expect(lines).toHaveLength(4);
      expect(lines.filter(line => line.includes('(secret)'))).toHaveLength(4);
      expect(lines.join('')).not.toContain(canary);
    },
  );

  test('are hidden without being taken from their owner', () => {
    const { log } = capture();
    const credentials = { token: canary };
    log.info(credentials, 'kept');
    expect(credentials.token).toBe(canary);
  });
});
