import { describe, expect, test } from 'vitest';
import { findCycles } from './cycles.ts';
import { importsOf } from './imports.ts';
import { complaintAbout } from './rooms.ts';
import { parseSource, readSources, SOURCE_FOLDERS } from './sources.ts';

const imports = readSources(SOURCE_FOLDERS).flatMap(importsOf);
const found = (path: string, text: string) => importsOf(parseSource(path, text));
const complaints = (path: string, text: string) =>
  found(path, text)
    .map(complaintAbout)
    .filter(complaint => complaint !== undefined);

describe('the repository', () => {
  test('has imports to look at', () => {
    expect(imports.length).toBeGreaterThan(20);
  });

  test('imports run the right way', () => {
    expect(imports.map(complaintAbout).filter(complaint => complaint !== undefined)).toEqual([]);
  });

  test('files import each other in no ring', () => {
    expect(findCycles(imports)).toEqual([]);
  });
});

describe('the walk sees', () => {
  test.each([
    ['import { a } from "./b.ts"', false],
    ['import "./b.ts"', false],
    ['import type { A } from "./b.ts"', true],
    ['import { type A } from "./b.ts"', false],
    ['export * from "./b.ts"', false],
    ['export { a } from "./b.ts"', false],
    ['export type { A } from "./b.ts"', true],
    ['const load = () => import("./b.ts")', false],
    ['const load = () => import(`./b.ts`)', false],
    ['type A = import("./b.ts").A', true],
  ])('%s', (text, typeOnly) => {
    expect(found('agent/cli/a.ts', `\n${text};`)).toEqual([
      { from: 'agent/cli/a.ts', to: 'agent/cli/b.ts', ours: true, typeOnly, line: 2 },
    ]);
  });
});

describe('the rule refuses', () => {
  test.each([
    ['protocol/a.ts', '../platform/errors.ts'],
    ['platform/a.ts', '../protocol/version.ts'],
    ['platform/a.ts', '../agent/paths.ts'],
    ['receiver/main.ts', '../agent/paths.ts'],
    ['receiver/fleet/a.ts', '../../agent/paths.ts'],
    ['agent/main.ts', '../receiver/fleet/list.ts'],
    ['agent/main.ts', '../bootstrap/build-agent.ts'],
    ['shoal-client/a.ts', '../platform/http.ts'],
    ['shoal-client/a.ts', '../agent/paths.ts'],
    ['agent/pilot/a.ts', '../cli/run.ts'],
    ['agent/pilot/a.ts', '../main.ts'],
    ['agent/cli/a.ts', '../main.ts'],
    ['agent/monitor/a.ts', '../context/apply.ts'],
    ['agent/pilot/a.ts', '../monitor/decide.ts'],
    ['agent/uplink/a.ts', '../pilot/slots.ts'],
    ['agent/context/planners/a.ts', '../apply.ts'],
    ['agent/paths.ts', './context/schema.ts'],
    ['receiver/fleet/a.ts', '../http/server.ts'],
    ['receiver/fleet/a.ts', '../storage/sqlite.ts'],
    ['receiver/storage/a.ts', '../fleet/list.ts'],
    ['receiver/http/a.ts', '../cli/serve.ts'],
    ['receiver/http/a.ts', '../storage/sqlite.ts'],
    ['agent/cli/a.ts', '../../test/support/manual-clock.ts'],
    ['other/a.ts', '../platform/errors.ts'],
  ])('%s → %s', (path, to) => {
    expect(complaints(path, `import { x } from '${to}';`)).toHaveLength(1);
    expect(complaints(path, `const load = () => import('${to}');`)).toHaveLength(1);
  });

  test('a name that is only known while the program runs', () => {
    expect(complaints('agent/main.ts', 'const load = (name: string) => import(name);')).toEqual([
      expect.stringContaining('computed'),
    ]);
  });

  test('in words that say what is allowed and why', () => {
    expect(complaints('shoal-client/a.ts', "\nimport { x } from '../platform/http.ts';")).toEqual([
      expect.stringMatching(
        /^shoal-client\/a\.ts:2 imports platform\/http\.ts.*may import.*parameters$/,
      ),
    ]);
  });
});

describe('the rule lets', () => {
  test.each([
    ['agent/main.ts', "import { x } from './cli/run.ts';"],
    ['agent/main.ts', "const load = () => import('../shoal-client/main.ts');"],
    ['agent/cli/a.ts', "import { x } from '../pilot/slots.ts';"],
    ['agent/monitor/a.ts', "import { x } from '../paths.ts';"],
    ['agent/monitor/a.ts', "import type { X } from '../context/schema.ts';"],
    ['agent/monitor/a.ts', "import { x } from './decide.ts';"],
    ['agent/uplink/a.ts', "import { x } from '../../protocol/enrol.ts';"],
    ['shoal-client/a.ts', "import type { Http } from '../platform/http.ts';"],
    ['shoal-client/a.ts', "import { x } from '../platform/errors.ts';"],
    ['receiver/main.ts', "import { x } from './storage/sqlite.ts';"],
    ['receiver/fleet/a.ts', "import type { X } from '../storage/storage.ts';"],
    ['platform/a.ts', "import { readFile } from 'node:fs/promises';"],
  ])('%s: %s', (path, text) => {
    expect(complaints(path, text)).toEqual([]);
  });
});

describe('a ring', () => {
  const ring = (second: string) =>
    findCycles([
      ...found('platform/a.ts', "import { b } from './b.ts';"),
      ...found('platform/b.ts', "import { c } from './c.ts';"),
      ...found('platform/c.ts', second),
    ]);

  test('is found and told', () => {
    expect(ring("import { a } from './a.ts';")).toEqual([
      'platform/a.ts → platform/b.ts → platform/c.ts → platform/a.ts',
    ]);
  });

  test('is not closed by types', () => {
    expect(ring("import type { A } from './a.ts';")).toEqual([]);
  });
});
