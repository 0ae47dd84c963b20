import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PATHS } from '../../agent/paths.ts';
import { type FolderVm, startFolderVm } from '../support/folder-vm.ts';
import type { LocalReceiver } from '../support/local-receiver.ts';
import { pollUntil } from '../support/poll-until.ts';
import type { Bed } from './idle-subjects.ts';

export const PILOTS = 8;
const REPOSITORY = 'bench.example.org';
const START_TIMEOUT_MS = 60_000;
const PILOT = 'echo busy >"$PILOTAGE_STATUS_FILE"; exec sleep 100000';

/**
 * Waits for what the contextualization hands to the agent, before the checks of the node have ended, and
 * makes of this machine one with eight cores, the kernel's own files and CVMFS.
 */
const ENLARGE = `
const fs = require('node:fs');
const [, , root, path, ready, more] = process.argv;
fs.writeFileSync(ready, '');
const timer = setInterval(() => {
  if (!fs.existsSync(path)) return;
  clearInterval(timer);
  const resolved = JSON.parse(fs.readFileSync(path, 'utf8'));
  resolved.machine.cores = ${PILOTS};
  Object.assign(resolved.context, JSON.parse(more));
  fs.writeFileSync(path + '.beside', JSON.stringify(resolved), { mode: 0o600 });
  fs.renameSync(path + '.beside', path);
  fs.symlinkSync('/proc', root + '/proc');
  for (let slot = 0; slot < ${PILOTS}; slot += 1) {
    const user = 'plt0' + slot;
    fs.mkdirSync(root + '/scratch/' + user, { recursive: true });
    fs.appendFileSync(root + '/etc/passwd', user + ':x:' + (20000 + slot) + ':20000::/:/bin/sh\\n');
  }
}, 2);
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A web proxy that has the manifest of every repository. */
const startSquid = async (): Promise<string> => {
  const server = createServer((_request, reply) => reply.end(`C${'0'.repeat(40)}\n`));
  // It serves for as long as there is something else to do.
  server.unref();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
};

const layOut = (root: string, squid: string): void => {
  for (const path of [PATHS.postHooks, `/cvmfs/${REPOSITORY}/sw`, '/var/lib/cvmfs'])
    mkdirSync(join(root, path), { recursive: true });
  const script = join(root, 'enlarge.cjs');
  writeFileSync(script, ENLARGE);
  const cvmfs = { repositories: [REPOSITORY], proxies: squid, cache: '/var/lib/cvmfs' };
  const ready = join(root, 'ready');
  const words = [process.execPath, script, root, join(root, PATHS.resolvedContext), ready];
  const command = [...words, JSON.stringify({ cvmfs })].map(quoted).join(' ');
  const hook = join(root, PATHS.postHooks, 'enlarge');
  const wait = `until [ -e ${quoted(ready)} ]; do sleep 0.01; done`;
  writeFileSync(hook, `#!/bin/sh\n${command} </dev/null >/dev/null 2>&1 &\n${wait}\n`);
  chmodSync(hook, 0o755);
};

/** An agent with every policy and every reading at work, beside eight pilots. */
export const startWorkingAgent = async (
  agent: string,
  { url, enrolmentSecret }: LocalReceiver,
  { folder, environment, signal }: Bed,
): Promise<FolderVm> => {
  const name = 'vm-working';
  layOut(join(folder, name), await startSquid());
  const vm = await startFolderVm({
    ...{ folder, environment, name, agent },
    receiver: { url, enrolmentSecret },
    identity: { site: 'BENCH' },
    context: {
      pilots: {
        ...{ kind: 'command', command: ['/bin/sh', '-c', PILOT], environment },
        ...{ slots: 'per-core', memoryMbPerSlot: 16, threads: 'count' },
      },
    },
  });
  const timing = { timeoutMs: START_TIMEOUT_MS, everyMs: 50, signal };
  await pollUntil(`${name} has ${PILOTS} pilots at work`, timing, async () => {
    const busy = (await vm.status())?.pilots.filter(({ activity }) => activity === 'busy') ?? [];
    return busy.length >= PILOTS ? true : undefined;
  });
  return vm;
};

/** What every reading must have told by then: otherwise something was not measured. */
const NEEDED = [
  ...['ioWaitCores', 'networkBytesPerS', 'diskBytesPerS', 'memoryFreeShare', 'diskFreeShare'],
  ...['cvmfs', 'squid', 'clockOffsetMs'],
];

/** @throws Error if it was not at work with all that is to be measured */
export const checkWorking = async (vm: FolderVm): Promise<void> => {
  const seen = await vm.status();
  const busy = seen?.pilots.filter(({ activity }) => activity === 'busy').length ?? 0;
  const missing = NEEDED.filter(name => typeof seen?.readings?.[name] !== 'number');
  if (vm.agent.ended() === undefined && busy === PILOTS && missing.length === 0) return;
  throw new Error(
    `${vm.name} was not at work: ${busy} pilots, without ${missing.join(', ') || 'nothing'}, ` +
      `agent ${vm.agent.ended() ?? 'running'}\n${vm.agent.tail(10)}`,
  );
};
