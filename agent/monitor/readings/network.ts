import { FAILED, measured, type Reading } from '../../reading.ts';
import type { Counters } from './counters.ts';

const HEAD = /^Inter-\|.*\n face \|bytes .*\|bytes .*\n/;
/** Within the machine, or what goes through another interface once more, as that of a VLAN does. */
const INNER =
  /^(?:lo$|dummy|ifb|veth|docker|podman|br|virbr|cni|flannel|cali|vxlan|tun|tap|wg|bond|team)|\./;

/** proc(5): net/dev has a line an interface; its first number are bytes received, the ninth bytes sent. */
export const parseNetworkBytes = (text: string): Reading<Counters> => {
  const head = HEAD.exec(text);
  if (head === null || !text.endsWith('\n')) return FAILED;
  const bytes = new Map<string, number>();
  for (const line of text.slice(head[0].length).split('\n').slice(0, -1)) {
    const [, name = '', received, sent] =
      /^ *([^\s:]+): *(\d+)(?: +\d+){7} +(\d+)(?: +\d+){7}$/.exec(line) ?? [];
    if (name === '') return FAILED;
    if (!INNER.test(name)) bytes.set(name, Number(received) + Number(sent));
  }
  return measured(bytes);
};
