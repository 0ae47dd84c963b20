import { describe, expect, test } from 'vitest';
import {
  ERROR_CODES,
  errnoOf,
  exitCodeOf,
  isPilotageError,
  messageOf,
  PilotageError,
} from '../../../platform/errors.ts';

describe('PilotageError', () => {
  test('carries code, context and cause', () => {
    const cause = new Error('below');
    const error = new PilotageError('file-failed', 'cannot read /a', { path: '/a' }, cause);
    expect(error).toMatchObject({
      name: 'PilotageError',
      code: 'file-failed',
      message: 'cannot read /a',
      context: { path: '/a' },
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in new PilotageError('usage', 'x')).toBe(false);
  });

  test('is told from other errors', () => {
    expect(isPilotageError(new PilotageError('usage', 'x'))).toBe(true);
    expect(isPilotageError(Object.assign(new Error('x'), { code: 'usage' }))).toBe(false);
    expect(isPilotageError('usage')).toBe(false);
  });
});

describe('messageOf', () => {
  test.each([
    [new Error('a'), 'a'],
    [new Error('a', { cause: new Error('b') }), 'a: b'],
    [new Error('a: b', { cause: new Error('b') }), 'a: b'],
    [new Error('a', { cause: 'b' }), 'a'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('%s', (error, message) => expect(messageOf(error)).toBe(message));
});

test('exit codes follow sysexits where it has one', () => {
  const codes = Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[];
  const others = codes.filter(code => exitCodeOf(new PilotageError(code, 'x')) !== 1);
  expect(others).toEqual(['usage', 'context-missing', 'context-invalid']);
  expect(exitCodeOf(new PilotageError('usage', 'x'))).toBe(64);
  expect(exitCodeOf(new PilotageError('context-invalid', 'x'))).toBe(78);
  expect(exitCodeOf(new Error('x'))).toBe(1);
});

test('errnoOf knows just what Node states', () => {
  expect(errnoOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(errnoOf(Object.assign(new Error('x'), { code: 5 }))).toBeUndefined();
  expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
});
