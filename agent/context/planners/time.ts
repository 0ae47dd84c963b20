import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { Step } from '../step.ts';

type TimeStep = Extract<Step, { kind: 'time-servers' }>;
type Where = Pick<TimeStep, 'service' | 'files' | 'marked'>;

const HEAD = '# Written by pilotage-agent from the context.\n';

/** Each service's own way to be told of more servers. */
const whereOf = (layout: Facts['layout'], servers: readonly string[]): Where => {
  const lines = servers.map(server => `server ${server} iburst`);
  const time = layout?.time;
  if (time?.kind === 'chrony-sources')
    return {
      service: time.service,
      files: [
        {
          path: `${time.folder}/pilotage.sources`,
          content: `${HEAD}${lines.join('\n')}\n`,
          mode: 0o644,
        },
      ],
    };
  if (time?.kind === 'chrony')
    return { service: time.service, files: [], marked: { path: time.path, lines } };
  if (time?.kind === 'timesyncd')
    return {
      service: 'systemd-timesyncd',
      files: [
        {
          path: '/etc/systemd/timesyncd.conf.d/50-pilotage.conf',
          content: `${HEAD}[Time]\nNTP=${servers.join(' ')}\n`,
          mode: 0o644,
        },
      ],
    };
  return { files: [] };
};

/** The time zone, and the servers by which the clock is set. */
export const planTime = ({ time }: Context, { layout }: Pick<Facts, 'layout'>): Step[] => {
  if (time === undefined) return [];
  const { zone, servers, wait } = time;
  const steps: Step[] = [];
  if (zone !== undefined)
    steps.push({
      kind: 'time-zone',
      id: 'time-zone',
      what: `set the time zone to ${zone}`,
      lasts: 'instance',
      zone,
    });
  if (servers.length > 0)
    steps.push({
      kind: 'time-servers',
      id: 'time-servers',
      what: `set the clock by ${servers.join(', ')}`,
      lasts: 'instance',
      waitMs: wait,
      ...whereOf(layout, servers),
    });
  return steps;
};
