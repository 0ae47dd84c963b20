import { type Node, Visitor, visitorKeys } from 'oxc-parser';
import { importsOf } from './imports.ts';
import { lineOf, type Source } from './sources.ts';

/** Files that decide and never touch the machine. */
const PURE = [
  /^protocol\//,
  /^agent\/(.*\/)?plan[^/]*\.ts$/,
  /^agent\/context\/planners\//,
  /^agent\/context\/sources\/(detect|context-sh|ec2-words|nocloud-serial)\.ts$/,
  /^agent\/monitor\/(decide|features|pilot-status)\.ts$/,
  /^agent\/context\/(references|schema-walk|vm-facts|includes\/target)\.ts$/,
  /^agent\/monitor\/policy\//,
  /^agent\/(.*\/)?schema\.ts$/,
  /^agent\/context\/schema\//,
  /^agent\/pilot\/(activity|progress|unkillable|follow-end|idle-clock|idle-end|outcome|slots|supervise)\.ts$/,
  /^agent\/pilot\/kinds\//,
  /^agent\/peek\/(pilot-places|process-facts|show-[^/]*)\.ts$/,
  /^platform\/duration\.ts$/,
  /^shoal-client\/(parse|rank|proxy-string)\.ts$/,
  /^receiver\/fleet\/[^/]*transition[^/]*\.ts$/,
];

export const isPure = (path: string): boolean => PURE.some(pattern => pattern.test(path));

const MACHINE_OBJECTS = new Set(['process', 'performance', 'crypto']);
const MACHINE_CALLS = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'Date',
]);
const MACHINE_METHODS = new Set(['Date.now', 'Math.random']);

/** Names that the parameters of functions bind: there `process` is somebody's own. */
const parameterNames = (source: Source): Set<string> => {
  const names = new Set<string>();
  const collect = (node: Node): void => {
    if (node.type === 'Identifier') names.add(node.name);
    for (const key of visitorKeys[node.type] ?? []) {
      const child: unknown = Reflect.get(node, key);
      for (const part of Array.isArray(child) ? child : [child])
        if (part !== null && typeof part === 'object') collect(part as Node);
    }
  };
  const parameters = (node: { params: readonly Node[] }): void => node.params.forEach(collect);
  new Visitor({
    FunctionDeclaration: parameters,
    FunctionExpression: parameters,
    ArrowFunctionExpression: parameters,
  }).visit(source.program);
  return names;
};

/** Why a file is not pure, one line for each reason. */
export const impuritiesOf = (source: Source): string[] => {
  const found: string[] = [];
  const add = (node: { start: number }, what: string): number =>
    found.push(`${source.path}:${lineOf(source, node.start)} ${what}`);

  for (const { to, typeOnly, line } of importsOf(source))
    if (to.startsWith('node:') && !typeOnly) found.push(`${source.path}:${line} imports ${to}`);

  const bound = parameterNames(source);
  const asynchronous = (node: { async: boolean; start: number }): void => {
    if (node.async) add(node, 'is async');
  };
  new Visitor({
    FunctionDeclaration: asynchronous,
    FunctionExpression: asynchronous,
    ArrowFunctionExpression: asynchronous,
    AwaitExpression: node => void add(node, 'awaits'),
    ImportExpression: node => void add(node, 'imports while it runs'),
    NewExpression: node => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && !node.arguments[0])
        add(node, 'reads the clock by new Date()');
    },
    CallExpression: ({ callee }) => {
      if (callee.type !== 'Identifier' || bound.has(callee.name)) return;
      if (MACHINE_CALLS.has(callee.name)) add(callee, `calls ${callee.name}`);
    },
    MemberExpression: node => {
      if (node.object.type !== 'Identifier') return;
      const { name } = node.object;
      const member = `${name}.${node.property.type === 'Identifier' ? node.property.name : '…'}`;
      if (MACHINE_METHODS.has(member) || (MACHINE_OBJECTS.has(name) && !bound.has(name)))
        add(node, `uses ${member}`);
    },
    VariableDeclarator: ({ init }) => {
      if (init?.type === 'Identifier' && MACHINE_OBJECTS.has(init.name) && !bound.has(init.name))
        add(init, `uses ${init.name}`);
    },
  }).visit(source.program);
  return found;
};

/** The pure files, and all that they load: what a pure file calls must be pure as well. */
export const pureClosure = (sources: readonly Source[]): Source[] => {
  const byPath = new Map(sources.map(source => [source.path, source]));
  const reached = new Set(sources.filter(({ path }) => isPure(path)));
  for (const source of reached)
    for (const { to, ours, typeOnly } of importsOf(source)) {
      const target = ours && !typeOnly ? byPath.get(to) : undefined;
      if (target !== undefined) reached.add(target);
    }
  return [...reached];
};
