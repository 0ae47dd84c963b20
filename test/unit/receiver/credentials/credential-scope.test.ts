import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCredentialIndex } from '../../../../receiver/credentials/credential-index.ts';
import {
  type CredentialScope,
  narrowness,
  partsOf,
  type Subject,
  scopeKey,
} from '../../../../receiver/credentials/credential-scope.ts';

const vm: Subject = {
  vmId: 'vm-1',
  identity: {
    instanceId: 'i-1',
    hostname: 'wn1',
    vo: 'atlas',
    site: 'CERN',
    endpoint: 'cloud-a',
    runningPod: 'prod',
  },
};

/** Each is narrower than the one before. */
const NARROWER: readonly CredentialScope[] = [
  {},
  { vo: 'atlas' },
  { site: 'CERN' },
  { vo: 'atlas', site: 'CERN' },
  { endpoint: 'cloud-a' },
  { vo: 'atlas', endpoint: 'cloud-a' },
  { site: 'CERN', endpoint: 'cloud-a' },
  { runningPod: 'prod' },
  { vo: 'atlas', site: 'CERN', endpoint: 'cloud-a', runningPod: 'prod' },
  { vm: 'vm-1' },
  { vm: 'vm-1', vo: 'atlas' },
];

const entry = (scope: CredentialScope, name = 'token') => ({ name, scope });
const found = (scopes: readonly CredentialScope[], subject = vm) =>
  createCredentialIndex(scopes.map(scope => entry(scope))).one(subject, 'token')?.scope;

describe('of all scopes that hold for a VM', () => {
  it.each(NARROWER.slice(1).map((scope, n) => [NARROWER[n] ?? {}, scope] as const))(
    '%j gives way to %j',
    (wide, narrow) => {
      expect(found([narrow, wide])).toEqual(narrow);
      expect(found([wide, narrow])).toEqual(narrow);
    },
  );

  it.each<[CredentialScope]>([
    [{ vo: 'cms' }],
    [{ vo: 'atlas', site: 'FNAL' }],
    [{ vm: 'vm-2' }],
    [{ vm: 'vm-1', vo: 'cms' }],
    [{ vo: 'ATLAS' }],
    [{ vo: '' }],
  ])('%j does not', scope => {
    expect(found([scope])).toBeUndefined();
    expect(found([scope, {}])).toEqual({});
  });

  it('none is about what the VM did not say', () => {
    const silent = { vmId: 'vm-1', identity: { instanceId: 'i', hostname: 'h' } };
    expect(found([{ vo: 'undefined' }, { vo: 'atlas' }], silent)).toBeUndefined();
    expect(found([{ vm: 'vm-1' }], silent)).toEqual({ vm: 'vm-1' });
  });
});

const word = fc.constantFrom('a', 'b', '"', '__proto__');
const scope: fc.Arbitrary<CredentialScope> = fc.record(
  { vo: word, site: word, endpoint: word, runningPod: word, vm: word },
  { requiredKeys: [] },
);
const subject: fc.Arbitrary<Subject> = fc.record({
  vmId: word,
  identity: fc
    .record({ vo: word, site: word, endpoint: word, runningPod: word }, { requiredKeys: [] })
    .map(identity => ({ instanceId: 'i', hostname: 'h', ...identity })),
});

describe('the index', () => {
  it('finds what asking every scope would find', () => {
    const holds = (of: CredentialScope, { vmId, identity }: Subject): boolean =>
      partsOf(of).every(part => of[part] === (part === 'vm' ? vmId : identity[part]));
    const scopes = fc.uniqueArray(scope, { selector: scopeKey, maxLength: 40 });
    fc.assert(
      fc.property(scopes, subject, (of, who) => {
        const [narrowest] = of
          .filter(each => holds(each, who))
          .sort((a, b) => narrowness(b) - narrowness(a));
        expect(found(of, who)).toEqual(narrowest);
      }),
    );
  });

  it('gives one of each name, sorted, and nothing of others', () => {
    const index = createCredentialIndex([
      entry({ vo: 'atlas' }, 'b'),
      entry({}, 'b'),
      entry({}, 'a'),
      entry({ vo: 'cms' }, 'c'),
    ]);
    expect(index.all(vm)).toEqual([entry({}, 'a'), entry({ vo: 'atlas' }, 'b')]);
    expect(index.one(vm, 'c')).toBeUndefined();
    for (const name of ['d', '', '__proto__', 'constructor'])
      expect(index.one(vm, name)).toBeUndefined();
  });

  it('has equal keys for equal scopes alone', () => {
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        const isSame = partsOf({ ...a, ...b }).every(part => a[part] === b[part]);
        expect(scopeKey(a) === scopeKey(b)).toBe(isSame);
      }),
    );
  });
});
