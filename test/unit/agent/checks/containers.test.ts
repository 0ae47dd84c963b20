import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { containers } from '../../../../agent/checks/containers.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

/** Refuses what Apptainer 1.4.5 refuses: `/`, and a root without what it mounts over. */
const STAND_IN = `#!/bin/sh
[ "$1 $2 $3 $4" = 'exec --userns --contain --bind' ] || { echo "FATAL: $*"; exit 255; }
[ "$6" != / ] || { echo 'FATAL: / as sandbox is not authorized' >&2; exit 255; }
for folder in dev proc sys tmp var/tmp etc home root usr; do
  [ -d "$6/$folder" ] || { echo "FATAL: destination /$folder doesn't exist in container" >&2; exit 255; }
done
[ -e "$6/bin" ] || [ -L "$6/bin" ] || exit 255
[ "$7" = true ] && echo "ran in $6"
`;

test('a container is tried as the user of a slot, in a root that is none of the machine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-containers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const runtime = join(folder, 'apptainer');
  writeFileSync(runtime, STAND_IN);
  chmodSync(runtime, 0o755);
  const files = createMemoryFiles();
  await files.makeDirectory('/usr/bin', { mode: 0o755 });
  await files.write('/usr/bin/apptainer', '', { mode: 0o755 });
  let said = '';
  const run = (program: string, args: readonly string[]) => {
    expect([program, ...args.slice(0, 4), args.at(-1)]).toEqual([
      ...['runuser', '-u', 'plt00', '--', '/bin/sh', '/usr/bin/apptainer'],
    ]);
    said = execFileSync('/bin/sh', [...args.slice(4, -1), runtime], { encoding: 'utf8' });
    return Promise.resolve({ stdout: said, stderr: '', exitCode: 0 });
  };
  const ports = {
    ...{ files, host: files, exec: { run }, clock: createManualClock() },
    ...{ http: () => expect.fail(), lookup: () => Promise.resolve([]) },
  };
  const slots = [{ name: '00', user: 'plt00', cores: 1, memoryMb: 100 }];
  const found = await containers.run(
    { context: contextOf({}), slots },
    ports,
    new AbortController().signal,
  );
  expect(found).toMatchObject({ verdict: 'ok' });
  expect(said).toMatch(/^ran in \/var\/tmp\/pilotage-container\.\w{6}\n$/);
});
