import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scenario } from '../bed.ts';

const USER_DATA = `#cloud-config
write_files:
  - path: /etc/from-user-data
    permissions: '0640'
    content: hello
`;
const FETCH = `python3 -c "import urllib.request as u; print(u.urlopen('http://10.0.2.100:8080/').read().decode())"`;

/** The bed itself, without Pilotage: whatever fails here is no fault of the agent. */
export const plain: Scenario = {
  name: 'plain',
  smoke: false,
  title: 'a bare boot, to prove the bed',
  run: async bed => {
    const server = createServer((_, response) => response.end('from the host'));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    bed.onClose(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const vm = await bed.boot({
      name: 'plain',
      userData: USER_DATA,
      forwards: [{ guest: '10.0.2.100:8080', hostPort: port }],
    });
    await vm.waitForConsole(/Cloud-init .* finished at/, 300_000);
    bed.say('cloud-init done');
    const file = await vm.run('stat -c "%a %s" /etc/from-user-data');
    bed.check('user-data was applied', file.output === '640 5\n', file.output);
    const fetched = await vm.run(FETCH);
    bed.check('the guest reaches the host', fetched.output === 'from the host\n', fetched.output);
    const out = await vm.run('timeout 3 sh -c "exec 3<>/dev/tcp/10.0.2.2/22" ; exit 7');
    bed.check('an exit code comes back', out.exitCode === 7, String(out.exitCode));

    await vm.run('echo before > /root/state');
    await vm.saveState('kept');
    bed.say('saved the running machine');
    await vm.run('echo after > /root/state');
    await vm.loadState('kept');
    bed.say('went back to it');
    const state = await vm.run('cat /root/state');
    bed.check('disk and memory went back', state.output === 'before\n', state.output);
    const date = await vm.run('date +%s');
    const offMs = Math.abs(Number(date.output) * 1000 - Date.now());
    bed.check('the clock is right again', offMs < 3000, `${offMs} ms off`);
    const again = await vm.run(FETCH);
    bed.check('the network works again', again.output === 'from the host\n', again.output);

    await vm.run('systemctl poweroff --no-block');
    const reason = await vm.waitForExit(60_000);
    bed.check('it powers itself off', reason === 'guest-shutdown', reason);
  },
};
