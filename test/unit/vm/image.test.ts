import { expect, it } from 'vitest';
import { planUnit } from '../../vm/agent-image.ts';
import { planModules } from '../../vm/initrd.ts';

it('loads modules after all that they need, each once', () => {
  const text = 'a.ko: b.ko c.ko\nb.ko: c.ko\nc.ko:\nd.ko: c.ko\n';
  expect(planModules(text, ['a.ko', 'd.ko'])).toEqual(['c.ko', 'b.ko', 'a.ko', 'd.ko']);
  expect(planModules('a.ko.xz: b.ko.xz\nb.ko.xz:\n', ['a.ko'])).toEqual(['b.ko.xz', 'a.ko.xz']);
  expect(planModules(text, ['a.ko', 'x.ko'], ['x.ko'])).toEqual(['c.ko', 'b.ko', 'a.ko']);
  expect(() => planModules(text, ['x.ko'])).toThrow('no module x.ko');
});

it('enables a unit as its own install section says', () => {
  const text = '[Install]\nWantedBy=multi-user.target timers.target\n';
  expect(planUnit('p.timer', '/from/p.timer', text)).toMatchObject([
    { kind: 'file', path: '/usr/lib/systemd/system/p.timer' },
    { kind: 'link', path: '/etc/systemd/system/multi-user.target.wants/p.timer' },
    { kind: 'link', path: '/etc/systemd/system/timers.target.wants/p.timer' },
  ]);
  expect(planUnit('p.slice', '/from/p.slice', '[Slice]\n')).toHaveLength(1);
});
