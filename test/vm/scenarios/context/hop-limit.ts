import type { SourceReport } from './reports.ts';
import { readSource } from './reports.ts';
import type { World } from './story.ts';

const TOKEN_CALL = `python3 -c '
import urllib.request
r = urllib.request.Request("http://169.254.169.254/latest/api/token", method="PUT",
  headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
try:
  print(urllib.request.urlopen(r, timeout=15).status)
except OSError as e:
  print("refused" if "refused" in str(e) else "no answer")
'`;

const inContainer = 'ip netns exec box ';

/** A container on a network of its own: what it sends is forwarded by the VM, as by Docker's bridge. */
const MAKE_CONTAINER = `set -e
ip netns add box
ip link add outside type veth peer name inside netns box
ip addr add 192.168.77.1/24 dev outside
ip link set outside up
ip -n box addr add 192.168.77.2/24 dev inside
ip -n box link set inside up
ip -n box link set lo up
ip -n box route add default via 192.168.77.1
echo 1 >/proc/sys/net/ipv4/ip_forward
nft -f - <<END
table ip bridge_of_test {
  chain out { type nat hook postrouting priority srcnat; ip saddr 192.168.77.0/24 masquerade; }
}
END`;

/** As EC2 does by default: what answers a PUT has a time to live of 1, so no router hands it on. */
const SET_HOP_LIMIT = `set -e
nft -f - <<END
table ip hop_limit_of_test {
  chain asked {
    ip daddr 169.254.169.254 tcp dport 80 @ih,0,32 0x50555420 ct mark set 1
    ip daddr 169.254.169.254 tcp dport 80 @ih,0,32 0x47455420 ct mark set 0
  }
  chain by_the_vm { type filter hook output priority mangle; jump asked; }
  chain by_containers { type filter hook forward priority mangle; jump asked; }
  chain answers {
    type filter hook prerouting priority mangle;
    ip saddr 169.254.169.254 ct mark 1 ip ttl set 1
  }
}
END`;

/** The agent has closed the service: to pilots and containers, not to root. */
const checkClosed = async ({ bed, vm }: World): Promise<void> => {
  const pilot = await vm.run(`setpriv --reuid plt00 --regid pilots --clear-groups ${TOKEN_CALL}`);
  bed.check('a pilot gets no token', pilot.output === 'refused\n', pilot.output);
  const contained = await vm.run(`${inContainer}${TOKEN_CALL}`);
  bed.check('nor does a container', contained.output === 'refused\n', contained.output);
  const root = await vm.run(TOKEN_CALL);
  bed.check('root does', root.output === '200\n', root.output);
};

/**
 * Within the VM tokens are had; in a container behind it they are not, by the agent's own rule, and
 * without that by EC2's hop limit, of which the agent says that it is why.
 */
export const checkHopLimit = async (world: World): Promise<void> => {
  const { bed, vm } = world;
  const made = await vm.run(MAKE_CONTAINER);
  bed.check('a container is made', made.exitCode === 0, made.output);
  await checkClosed(world);
  await vm.run('nft delete table inet pilotage');
  const before = await vm.run(`${inContainer}${TOKEN_CALL}`);
  bed.check('it gets a token while answers may travel', before.output === '200\n', before.output);
  const limited = await vm.run(SET_HOP_LIMIT);
  bed.check('the hop limit is 1', limited.exitCode === 0, limited.output);
  const own = await vm.run(TOKEN_CALL);
  bed.check('the VM itself gets a token', own.output === '200\n', own.output);
  const contained = await vm.run(`${inContainer}${TOKEN_CALL}`);
  bed.check('the container gets none', contained.output === 'no answer\n', contained.output);
  const { failures }: SourceReport = await readSource(vm, inContainer);
  const told = failures.map(({ message }) => message).join('; ');
  bed.say(`in the container: ${told}`);
  bed.check('the agent there says that the hop limit is why', told.includes('hop limit'), told);
  await vm.run('nft delete table ip hop_limit_of_test; nft delete table ip bridge_of_test');
  await vm.run('ip netns del box; echo 0 >/proc/sys/net/ipv4/ip_forward');
};
