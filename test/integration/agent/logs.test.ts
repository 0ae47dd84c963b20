import { expect, test } from 'vitest';
import { PATHS } from '../../../agent/paths.ts';
import { createBed } from './agent-bed.ts';

const LINES = 30_000;

test('a pilot that fails leaves all of its output at the receiver, and the agent’s evidence with it', async () => {
  const bed = await createBed();
  const script = `for i in $(seq 1 ${LINES}); do echo "line $i"; done; echo "why" >&2; exit 3`;
  const vm = await bed.start({
    pilots: {
      kind: 'command',
      slots: 'whole-node',
      command: ['/bin/sh', '-c', script],
      restart: 'never',
    },
  });
  const read = async (source: string): Promise<string> => {
    const vms = await bed.receiver.vms();
    const vmId = vms[0]?.vmId;
    if (vmId === undefined) return '';
    let text = '';
    for (let at = 0; ; ) {
      const found = await bed.receiver.readLog(vmId, source, at);
      if (found === undefined || found.nextByte === found.fromByte) return text;
      // Nothing is missing between two stretches.
      if (found.fromByte !== at) return '';
      text += found.text;
      at = found.nextByte;
    }
  };
  const expected = Array.from({ length: LINES }, (_, index) => `line ${index + 1}\n`).join('');
  await vm.until(
    'all of the output',
    async () => (await read('00-1.out')) === expected || undefined,
  );
  expect(await read('00-1.err')).toBe('why\n');
  await vm.files.write(`${PATHS.logs}/00-1.evidence`, 'a process tree\n', { mode: 0o600 });
  await vm.until('evidence', async () => (await read('00-1.evidence')) !== '' || undefined);
});
