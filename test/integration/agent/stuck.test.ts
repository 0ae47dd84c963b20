import { expect, test } from 'vitest';
import { runReceiver } from '../../support/receiver-cli.ts';
import { createBed } from './agent-bed.ts';

test('a stuck pilot is ended; what it was at is at the receiver, and the next one starts', async () => {
  const { receiver, start } = await createBed();
  const vm = await start({
    pilots: {
      ...{ kind: 'command', slots: 'whole-node', stuck: { after: '2s' } },
      ...{ backoff: { minimumRun: '0s', first: '1s', most: '1s' } },
      command: [
        '/bin/sh',
        '-c',
        'echo "run $PILOTAGE_GENERATION waits for nobody"; [ $PILOTAGE_GENERATION = 1 ] || while :; do echo on; sleep 0.2; done; exec sleep 987654',
      ],
    },
  });
  const second = await vm.until('the next pilot', async () => {
    const [pilot] = (await vm.status())?.pilots ?? [];
    return pilot?.generation === 2 && pilot.state === 'running' ? pilot : undefined;
  });
  expect(second.lastExit).toMatch(
    /^(exit 143|signal TERM): stuck: no output, no processor time and no new process for \d/,
  );
  const id = (await receiver.vms())[0]?.vmId ?? '';
  const env = { PILOTAGE_RECEIVER_URL: receiver.url, PILOTAGE_TOKEN_FILE: receiver.tokenFile };
  const evidence = await vm.until('the evidence at the receiver', async () => {
    const { exitCode, stdout } = await runReceiver(['logs', id, '00-1.evidence'], env);
    return exitCode === 0 && stdout.includes('== The end of its error output') ? stdout : undefined;
  });
  for (const told of [
    /^Pilot 00-1 at \S+: stuck: no output/,
    /== Processes\nPID +PPID[\s\S]*\n.* sleep 987654\n/,
    /== Stacks\n[\s\S]*\(sleep\) S: sleep 987654\n/,
    /== Open files\n[\s\S]*\(sleep\)\n {2}0 \/dev\/null\n/,
    /== The end of its output\nrun 1 waits for nobody\n/,
  ])
    expect(evidence).toMatch(told);
  expect((await vm.files.facts('/var/log/pilotage/00-1.evidence'))?.mode).toBe(0o600);
});
