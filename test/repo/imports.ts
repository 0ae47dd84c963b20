import { posix } from 'node:path';
import { type ImportExpression, Visitor } from 'oxc-parser';
import { lineOf, type Source } from './sources.ts';

export interface Import {
  from: string;
  /** A path of the repository if it is ours, otherwise the specifier as written. */
  to: string;
  /** A relative import, which is to say a file of this repository. */
  ours: boolean;
  /** Vanishes when the program runs. */
  typeOnly: boolean;
  line: number;
}

/** Stands for a dynamic import whose target only the running program knows. */
export const COMPUTED = '(computed)';

const targetOf = ({ source }: ImportExpression): string => {
  if (source.type === 'Literal' && typeof source.value === 'string') return source.value;
  if (source.type !== 'TemplateLiteral' || source.expressions.length > 0) return COMPUTED;
  return source.quasis[0]?.value.cooked ?? COMPUTED;
};

/** Every import, re-export, dynamic import and `import('…')` type of one file. */
export const importsOf = (source: Source): Import[] => {
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, offset: number): void => {
    const ours = specifier.startsWith('.');
    const to = ours ? posix.join(posix.dirname(source.path), specifier) : specifier;
    imports.push({ from: source.path, to, ours, typeOnly, line: lineOf(source, offset) });
  };
  new Visitor({
    ImportDeclaration: node => add(node.source.value, node.importKind === 'type', node.start),
    ExportAllDeclaration: node => add(node.source.value, node.exportKind === 'type', node.start),
    ExportNamedDeclaration: node => {
      if (node.source !== null) add(node.source.value, node.exportKind === 'type', node.start);
    },
    ImportExpression: node => add(targetOf(node), false, node.start),
    TSImportType: node => add(node.source.value, true, node.start),
  }).visit(source.program);
  return imports;
};
