import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATES, resolveVm } from '../../../../receiver/fleet/resolve-vm.ts';
import { enrolledVm } from './vm-records.ts';

const vm = (vmId: string, instanceId: string, hostname: string) =>
  enrolledVm({ vmId, identity: { instanceId, hostname } });

describe('resolveVm', () => {
  const one = vm('0190-a', 'i-1', 'wn1');
  const ten = vm('0190-b', 'i-10', 'wn10');

  it('finds nothing among none', () => {
    expect(resolveVm('wn', [])).toEqual({ kind: 'none' });
  });
  it.each(['0190-b', '0190-', 'i-1', 'wn1'])('takes the only candidate of %s', key => {
    expect(resolveVm(key, [ten])).toEqual({ kind: 'found', vm: ten });
  });
  it.each(['0190-a', 'i-1', 'wn1'])('prefers the whole name %s to beginnings of others', key => {
    expect(resolveVm(key, [one, ten])).toEqual({ kind: 'found', vm: one });
  });
  it('asks back when a beginning means several', () => {
    expect(resolveVm('wn', [one, ten])).toEqual({ kind: 'ambiguous', candidates: [one, ten] });
  });
  it('asks back when a host has enrolled twice', () => {
    const again = vm('0190-c', 'i-1', 'wn1');
    const resolved = resolveVm('wn1', [one, again, ten]);
    expect(resolved).toEqual({ kind: 'ambiguous', candidates: [one, again] });
  });
  it('lists no more candidates than a person reads', () => {
    const many = Array.from({ length: 30 }, (_, n) => vm(`0190-${n}`, `i-${n}`, `wn${n}`));
    const resolved = resolveVm('wn', many);
    expect(resolved.kind === 'ambiguous' && resolved.candidates.length).toBe(MAX_CANDIDATES);
  });
});
