import { closest, distance } from 'fastest-levenshtein';
import type * as v from 'valibot';
import { isJsonObject, type Json } from './merge.ts';
import { isSecret, type Schemas, schemasOf, schemasUnder } from './schema-walk.ts';
import { SAFE_FACT, VM_FACT_NAMES, VM_FACTS, type VmFactName, type VmFacts } from './vm-facts.ts';

/**
 * `${vm.NAME}` and `${vm.NAME:-default}` in the values of a context; `$${vm.…}` stands for itself. Every
 * other `${…}` is a shell's, and left alone.
 */

/** What cannot be resolved, and where it stands. */
export interface ReferenceFault {
  path: readonly PropertyKey[];
  message: string;
  remedy: string;
}

export interface Resolved {
  data: Json;
  faults: ReferenceFault[];
  /** The facts that are named. */
  named: ReadonlySet<VmFactName>;
}

/** Where the prefix stands, whatever comes after it. */
const MARK = '${vm.';
const REFERENCE = /(\$?)\$\{vm\.([^{}]*)(\}?)/g;
const BODY = /^([^:]*)(?::-(.*))?$/s;
/** A value that expands must not grow without a bound. */
const REFERENCES = 100;

export const hasReference = (text: string): boolean => text.includes(MARK);

type Fault = Omit<ReferenceFault, 'path'>;
type Outcome = { value: string | number } | { fault: Fault };

const unknownName = (name: string): Fault => {
  const near = closest(name, [...VM_FACT_NAMES]);
  return {
    message: `there is no fact vm.${name}`,
    remedy:
      distance(name, near) <= 3
        ? `did you mean \${vm.${near}}?`
        : `known facts: ${VM_FACT_NAMES.join(', ')}`,
  };
};

const isName = (name: string): name is VmFactName => Object.hasOwn(VM_FACTS, name);

const lookUp = (
  body: string,
  isClosed: boolean,
  facts: VmFacts,
  named: Set<VmFactName>,
): Outcome => {
  const [matched, name = '', fallback] = BODY.exec(body) ?? [];
  if (matched === undefined || !isClosed)
    return {
      fault: {
        message: 'a reference that is not understood',
        remedy: `\${vm.NAME} or \${vm.NAME:-default}; $\${vm. stands for itself`,
      },
    };
  if (!isName(name)) return { fault: unknownName(name) };
  named.add(name);
  const value = facts[name] ?? fallback;
  if (value !== undefined) return { value };
  return {
    fault: {
      message: `this VM does not have the fact vm.${name}`,
      remedy: `\${vm.${name}:-default}; it is told by ${VM_FACTS[name].toldBy}, and taken if it is made of ${SAFE_FACT}`,
    },
  };
};

/** A value that is one reference to a number, and nothing else, is that number. */
const asNumber = (text: string, { value }: { value: string | number }): string | number => {
  const [, name = ''] = /^\$\{vm\.([A-Za-z]+)(?::-[^{}]*)?\}$/.exec(text) ?? [];
  const isNumeric = isName(name) && typeof VM_FACTS[name].standIn === 'number';
  return isNumeric && /^\d+(?:\.\d+)?$/.test(String(value)) ? Number(value) : String(value);
};

const resolveText = (text: string, facts: VmFacts, named: Set<VmFactName>): Outcome => {
  const outcomes: Outcome[] = [];
  if (text.split(MARK, REFERENCES + 2).length > REFERENCES + 1)
    return {
      fault: { message: 'too many references', remedy: `at most ${REFERENCES} in one value` },
    };
  const value = text.replaceAll(REFERENCE, (whole, dollar: string, body: string, end: string) => {
    if (dollar !== '') return whole.slice(1);
    const outcome = lookUp(body, end !== '', facts, named);
    outcomes.push(outcome);
    return 'value' in outcome ? String(outcome.value) : whole;
  });
  const fault = outcomes.find(outcome => 'fault' in outcome);
  return fault ?? { value: asNumber(text, { value }) };
};

/**
 * A context with its references replaced, to be checked as if it had been written so. Keys and what the
 * schema marks as secret stay as they are, and so does a value with a fault.
 */
export const resolveReferences = (
  schema: v.GenericSchema,
  written: Json,
  facts: VmFacts,
): Resolved => {
  const faults: ReferenceFault[] = [];
  const named = new Set<VmFactName>();
  const resolve = (schemas: Schemas, data: Json, path: readonly PropertyKey[]): Json => {
    if (typeof data !== 'object' && typeof data !== 'string') return data;
    if (typeof data === 'string' && !hasReference(data)) return data;
    const all = schemasOf(schemas, data);
    if (isSecret(all)) return data;
    if (typeof data === 'string') {
      const outcome = resolveText(data, facts, named);
      if ('value' in outcome) return outcome.value;
      faults.push({ path, ...outcome.fault });
      return data;
    }
    const under = (key: string | number, inner: Json): Json =>
      resolve(schemasUnder(all, key), inner, [...path, key]);
    if (Array.isArray(data)) return data.map((inner, index) => under(index, inner));
    if (!isJsonObject(data)) return data;
    return Object.fromEntries(Object.entries(data).map(([key, inner]) => [key, under(key, inner)]));
  };
  return { data: resolve([schema], written, []), faults, named };
};
