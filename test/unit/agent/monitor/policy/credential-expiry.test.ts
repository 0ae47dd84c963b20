import { describe, expect, test } from 'vitest';
import { credentialExpiry } from '../../../../../agent/monitor/policy/credential-expiry.ts';
import type { LifeLeft } from '../../../../../agent/monitor/snapshot.ts';
import { measured } from '../../../../../agent/reading.ts';
import { at, BUSY, contextOf, createWorld, minutes } from '../worlds.ts';
import { judgementOf } from './judging.ts';

const HOUR = minutes(60);
const fixed = { name: 'proxy', content: 'x', variable: 'X509_USER_PROXY' };
const renewed = { name: 'token', from: { file: '/etc/token' } };
const parts = {
  credentials: [fixed, renewed],
  policies: { zeroLoad: false, noPayloads: false, lifetime: { payload: '6h', spread: '2h' } },
};
const context = contextOf(parts);
const lives = (proxyMs: number, tokenMs = HOUR): LifeLeft[] => [
  { name: 'proxy', leftMs: proxyMs },
  { name: 'token', leftMs: tokenMs },
];

describe('a VM of which', () => {
  test.each<[string, LifeLeft[] | undefined, string]>([
    ['credentials live for long', lives(20 * HOUR), 'none'],
    ['one lives for a payload, and nobody renews it', lives(6 * HOUR), 'drain'],
    ['one that is renewed lives for less than that', lives(20 * HOUR, minutes(5)), 'none'],
    ['one that should have been renewed has expired', lives(20 * HOUR, -1), 'no-new'],
    ['both end', lives(HOUR, -1), 'drain'],
    ['one has expired, and nobody renews it', lives(-HOUR), 'drain'],
    ['none says when it ends', [{ name: 'proxy' }, { name: 'token' }], 'none'],
    ['nothing is known of credentials', undefined, 'none'],
  ])('%s', (_what, credentialLives, action) => {
    const snapshot = { now: at(20 * HOUR), credentialLives };
    expect(judgementOf(credentialExpiry, { context, snapshot }).action).toBe(action);
  });

  test.each([
    [0, 6 * HOUR],
    [0.5, 7 * HOUR],
    [1, 8 * HOUR],
  ])('the spread is %d drains %d ms before a credential ends', (spread, leadMs) => {
    const actionAt = (leftMs: number) =>
      judgementOf(credentialExpiry, {
        ...{ context, spread },
        snapshot: { now: at(20 * HOUR), credentialLives: lives(leftMs) },
      }).action;
    expect([actionAt(leadMs + 1), actionAt(leadMs)]).toEqual(['none', 'drain']);
  });

  test('a credential never lived for a payload works for half of its time', () => {
    const actionAt = (ageMs: number) =>
      judgementOf(credentialExpiry, {
        context,
        snapshot: { now: at(ageMs), credentialLives: lives(4 * HOUR - ageMs) },
      }).action;
    expect([actionAt(0), actionAt(2 * HOUR - 1), actionAt(2 * HOUR)]).toEqual([
      ...['none', 'none', 'drain'],
    ]);
  });

  test.each<[string, object, string]>([
    ['is not needed', { ...fixed, needed: false }, 'none'],
    ['is for logs alone', { name: 'proxy', content: 'x' }, 'none'],
    ['is for logs and for pilots', fixed, 'drain'],
    ['is for logs, and needed', { name: 'proxy', content: 'x', needed: true }, 'drain'],
  ])('a credential that ends %s', (_what, credential, action) => {
    const logs = { upload: { url: 'https://logs.example.org/', credential: 'proxy' } };
    const told = contextOf({ ...parts, credentials: [credential], logs });
    const snapshot = { now: at(20 * HOUR), credentialLives: [{ name: 'proxy', leftMs: HOUR }] };
    expect(judgementOf(credentialExpiry, { context: told, snapshot }).action).toBe(action);
  });

  test('the clock is wrong is not judged by it', () => {
    const readings = { ...BUSY, clockOffsetMs: measured(24 * HOUR) };
    const snapshot = { now: at(20 * HOUR), credentialLives: lives(-4 * HOUR), readings };
    expect(judgementOf(credentialExpiry, { context, snapshot })).toEqual({
      ...{ action: 'none', because: 'the clock is wrong by 1d', keeps: true },
    });
  });
});

test('a drain for a credential is taken back once that is renewed, not while nothing is known of it', () => {
  const world = createWorld(context);
  world.tick();
  world.jump(20 * HOUR);
  expect(world.tick({ credentialLives: lives(HOUR) }).phase).toBe('draining');
  expect(world.tick({ credentialLives: undefined }).phase).toBe('draining');
  expect(world.tick({ credentialLives: lives(24 * HOUR) }).phase).toBe('running');
});

test('while a credential is missing pilots stay, and none starts', () => {
  const world = createWorld(contextOf({ ...parts, credentials: [renewed] }));
  const expired = { credentialLives: [{ name: 'token', leftMs: -1 }] };
  expect(world.tick(expired)).toMatchObject({
    ...{ phase: 'running', reason: 'credential-expiry: no new pilots and payloads' },
    actions: [],
  });
  expect(world.tick({ credentialLives: [{ name: 'token', leftMs: HOUR }] })).toMatchObject({
    ...{ phase: 'running', reason: '' },
    actions: [{ kind: 'start' }],
  });
});
