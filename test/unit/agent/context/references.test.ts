import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextJsonSchema } from '../../../../agent/context/json-schema.ts';
import { parseContext, parseLifeline } from '../../../../agent/context/parse.ts';
import { redactContext } from '../../../../agent/context/redact.ts';
import { SOURCES } from '../../../../agent/context/sources/index.ts';
import {
  STAND_INS,
  safeFacts,
  VM_FACT_NAMES,
  VM_FACTS,
  type VmFacts,
} from '../../../../agent/context/vm-facts.ts';
import { isPilotageError } from '../../../../platform/errors.ts';

const FACTS: VmFacts = { zone: 'z-1', instanceId: '4711', cores: 8, hostname: 'vm7' };
const parse = (context: object, facts = FACTS) =>
  parseContext([{ name: 'c', text: JSON.stringify({ version: 1, ...context }) }], facts);
const problemOf = (yaml: string, facts = FACTS): string => {
  try {
    parseContext([{ name: 'c', text: `version: 1\n${yaml}` }], facts);
    return '';
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return error.message;
  }
};
const pilots = (more: object = {}) => ({ kind: 'command', command: ['/bin/p'], ...more });

describe('a value', () => {
  test.each([
    [`A-\${vm.zone}`, 'A-z-1'],
    [`\${vm.zone}/\${vm.hostname}`, 'z-1/vm7'],
    [`\${vm.imageId:-none}`, 'none'],
    [`\${vm.zone:-none}`, 'z-1'],
    [`\${vm.imageId:-}x`, 'x'],
    [`$\${vm.zone}`, `\${vm.zone}`],
    [`$\${vm.no such}`, `\${vm.no such}`],
    [`\${HOME} \${zone} $vm.zone`, `\${HOME} \${zone} $vm.zone`],
    [`\${vm.instanceId}`, '4711'],
  ])('%s is %s', (site, expected) => {
    expect(parse({ identity: { site } }).context.identity.site).toBe(expected);
  });

  test('that is one reference to a number is that number', () => {
    const { context, merged } = parse({
      pilots: pilots({
        slots: 'fixed',
        coresPerSlot: `\${vm.cores}`,
        memoryMbPerSlot: `\${vm.memoryMb:-512}`,
        environment: { CORES: `\${vm.cores} of them` },
      }),
    });
    expect(context.pilots).toMatchObject({ coresPerSlot: 8, memoryMbPerSlot: 512 });
    expect(context.pilots?.environment).toEqual({ CORES: '8 of them' });
    expect(merged).toMatchObject({ pilots: { coresPerSlot: 8 } });
  });

  test('that names facts is kept as it was written, too', () => {
    const { written, named } = parse({ identity: { site: `\${vm.zone}` } });
    expect(written).toMatchObject({ identity: { site: `\${vm.zone}` } });
    expect([...named]).toEqual(['zone']);
  });

  test('that is secret, and keys, stay as they are', () => {
    const text = `\${vm.zone}`;
    const { context, merged } = parse({
      credentials: [{ name: 'n', content: text }],
      'x-own': { [text]: text },
    });
    expect(context.credentials[0]?.content).toBe(text);
    expect(redactContext(merged)).toMatchObject({ credentials: [{ name: 'n' }] });
    expect(JSON.stringify(redactContext(merged))).not.toContain(text);
  });
});

describe('what cannot be resolved is told with file, line, key and remedy', () => {
  test.each([
    [
      `identity:\n  site: \${vm.zoen}`,
      `c:3: identity.site: there is no fact vm.zoen; remedy: did you mean \${vm.zone}?`,
    ],
    [
      `identity: {site: "\${vm.}"}`,
      `c:2: identity.site: there is no fact vm.; remedy: known facts: ${VM_FACT_NAMES.join(', ')}`,
    ],
    [
      `hold: 2m\nidentity: {site: "\${vm.lifeCycle}"}`,
      /^c:3: identity\.site: this VM does not have the fact vm\.lifeCycle; remedy: .*:-default.*azure, gce, ec2/,
    ],
    [
      `identity: {site: "\${vm.zone"}`,
      `c:2: identity.site: a reference that is not understood; remedy: \${vm.NAME} or \${vm.NAME:-default}; $\${vm. stands for itself`,
    ],
    [`identity: {site: "${`\${vm.zone}`.repeat(101)}"}`, /too many references/],
    [`hold: "\${vm.zone}"`, /^c:2: hold: not understood; remedy: a duration/],
    [
      `cvmfs: {repositories: ["\${vm.zoen}"], proxies: 7}`,
      /^c:2: cvmfs\.repositories\.0: there is no fact.*\nc:2: cvmfs\.proxies: not understood/,
    ],
  ])('%s', (yaml, problem) => {
    if (typeof problem === 'string') expect(problemOf(yaml)).toBe(problem);
    else expect(problemOf(yaml)).toMatch(problem);
  });
});

describe('what a cloud tells', () => {
  const hostile = [
    "a'b",
    'a"b',
    'a`b`',
    'a$(b)',
    'a\nb',
    'a;b',
    'a b',
    '../etc',
    'a\0b',
    '-rf',
    '',
    'x'.repeat(256),
  ];
  test.each(hostile)('counts as not told where something could act on it: %j', zone => {
    expect(safeFacts({ zone, cores: 2 })).toEqual({ cores: 2 });
  });

  test.each(['ami-0', 'Canonical:ubuntu/22_04-lts:22.04', '/sub/x', '2001:db8::1', 'a@b+c'])(
    'is taken as it is: %j',
    imageId => {
      expect(safeFacts({ imageId })).toEqual({ imageId });
    },
  );

  test('is held to the schema like anything that was written', () => {
    expect(problemOf(`scratch: {path: "/\${vm.imageId}"}`, { imageId: 'a:b' })).toMatch(
      /^c:2: scratch\.path: not understood/,
    );
  });

  // Whoever first asks fast-check for all of Unicode waits until it has listed it.
  test('never leaves the safe alphabet, whatever it was', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), zone => {
        const text = `\${vm.zone:-none}`;
        const parsed = parse(
          { pilots: pilots({ command: ['/bin/sh', text] }) },
          safeFacts({ zone }),
        ).context.pilots;
        expect(parsed?.kind === 'command' && parsed.command[1]).toMatch(/^[A-Za-z0-9._:/@+-]*$/);
      }),
    );
  });
});

describe('the lifeline', () => {
  const receiver = 'receiver: {url: "https://r.example.org", enrolmentSecret: s}';
  const lifelineOf = (text: string) =>
    parseLifeline({ name: 'l', text: `version: 1\n${text}` }, FACTS).lifeline;

  test('names the VM by its facts, and goes without those that it does not have', () => {
    const identity = `identity: {site: "S-\${vm.zone}", image: "\${vm.imageId}", vo: "\${vm.zoen}"}`;
    expect(lifelineOf(`${receiver}\n${identity}`)).toMatchObject({
      identity: { site: 'S-z-1' },
      receiver: { url: 'https://r.example.org' },
    });
    expect(lifelineOf(`${receiver}\n${identity}`).identity).not.toHaveProperty('image');
  });

  test('needs the address of the receiver all the same', () => {
    const url = `https://\${vm.publicIp}.example.org`;
    expect(() => lifelineOf(`receiver: {url: "${url}", enrolmentSecret: s}`)).toThrow(
      /^l:2: receiver\.url: this VM does not have/,
    );
  });
});

describe('the facts', () => {
  const CLOUD = [
    ...(['imageId', 'instanceType', 'zone', 'region', 'project'] as const),
    ...(['localIp', 'publicIp', 'lifeCycle'] as const),
  ];
  test.each(CLOUD)('%s is said to be told by whoever tells it', fact => {
    const tellers = SOURCES.filter(({ tells }) => tells.includes(fact)).map(({ name }) => name);
    expect(VM_FACTS[fact].toldBy).toBe(tellers.join(', '));
  });

  test('have stand-ins that could be real', () => {
    expect(safeFacts(STAND_INS)).toEqual(STAND_INS);
  });
});

describe('the JSON Schema', () => {
  const properties = (contextJsonSchema().properties ?? {}) as unknown as Record<
    string,
    { properties: Record<string, object> }
  >;
  const cvmfs = properties.cvmfs?.properties ?? {};

  test('takes a reference for a number, or in a text of a pattern', () => {
    const { anyOf } = cvmfs.quotaMb as { anyOf: { type: string; pattern: string }[] };
    expect(anyOf.map(({ type }) => type)).toEqual(['integer', 'string']);
    expect(`\${vm.cores:-4}`).toMatch(new RegExp(anyOf[1]?.pattern ?? '', 'u'));
    expect(`x\${vm.cores}`).not.toMatch(new RegExp(anyOf[1]?.pattern ?? '', 'u'));
    const { pattern } = cvmfs.proxies as { pattern: string };
    expect(`http://squid.\${vm.zone}.example.org`).toMatch(new RegExp(pattern, 'u'));
    expect('a b').not.toMatch(new RegExp(pattern, 'u'));
  });
});
