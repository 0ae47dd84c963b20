import type { Import } from './imports.ts';

/**
 * Rings of files that import each other, each once, as `a → b → a`. Types vanish before a program
 * runs, so an import of types alone closes no ring.
 */
export const findCycles = (imports: readonly Import[]): string[] => {
  const targets = new Map<string, string[]>();
  for (const { from, to, ours, typeOnly } of imports)
    if (ours && !typeOnly) targets.set(from, [...(targets.get(from) ?? []), to]);

  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
};
