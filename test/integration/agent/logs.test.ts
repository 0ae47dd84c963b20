import { expect, test } from 'vitest';
import { PATHS } from '../../../agent/paths.ts';
import { type Bed, createBed } from './agent-bed.ts';

const LINES = 30_000;

/** A log as an operator reads it; empty where there is none, or a hole in it. */
const readWhole = async ({ receiver }: Bed, source: string): Promise<string> => {
  const vmId = (await receiver.vms())[0]?.vmId;
  if (vmId === undefined) return '';
  let text = '';
  for (let at = 0; ; ) {
    const found = await receiver.readLog(vmId, source, at);
    if (found === undefined || found.nextByte === found.fromByte) return text;
    // Nothing is missing between two stretches.
    if (found.fromByte !== at) return '';
    text += found.text;
    at = found.nextByte;
  }
};

test('a VM that is lost between two heartbeats leaves its last words', async () => {
  // Nothing of them could come by a heartbeat: the next one is an hour away.
  const bed = await createBed('1h', '2h');
  const script = 'while sleep 0.2; do date +%s%N; done';
  const vm = await bed.start({
    pilots: { kind: 'command', slots: 'whole-node', command: ['/bin/sh', '-c', script] },
  });
  await vm.until(
    'the first words',
    async () => (await readWhole(bed, '00-1.out')) !== '' || undefined,
  );
  const beganMs = Date.now();
  await vm.until('eight seconds', () => Date.now() - beganMs > 8000 || undefined);
  process.kill(vm.agent.pid, 'SIGKILL');
  const lostMs = Date.now();
  const last = Number((await readWhole(bed, '00-1.out')).trim().split('\n').at(-1)) / 1e6;
  expect(lostMs - last).toBeLessThan(6000);
});

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
  const read = (source: string) => readWhole(bed, source);
  const expected = Array.from({ length: LINES }, (_, index) => `line ${index + 1}\n`).join('');
  await vm.until(
    'all of the output',
    async () => (await read('00-1.out')) === expected || undefined,
  );
  expect(await read('00-1.err')).toBe('why\n');
  await vm.files.write(`${PATHS.logs}/00-1.evidence`, 'a process tree\n', { mode: 0o600 });
  await vm.until('evidence', async () => (await read('00-1.evidence')) !== '' || undefined);
});
