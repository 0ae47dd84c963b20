import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, serveGlidein } from '../../support/glidein.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { type BedVm, createBed } from './agent-bed.ts';

export const HOME = 'scratch/plt00';
const CREDENTIALS = [
  { name: 'proxy', content: 'a proxy' },
  { name: 'token', content: 'a token' },
];
export const value = (count: number) => ({ ok: true, value: count });
export const play = (name: string): object => ({ args: ['-v', 'std', '-param_PLAY', name] });

/** What the glidein wrote down of what it was given. */
export const seenIn = (root: string): { args: string[]; rest: Record<string, string> } => {
  const read = (name: string) => readFileSync(join(root, HOME, 'seen', name), 'utf8').trimEnd();
  return {
    args: read('args').split('\n'),
    rest: Object.fromEntries(
      read('rest')
        .split('\n')
        .map(line => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
    ),
  };
};
export const wordAfter = (args: readonly string[], option: string): string | undefined =>
  args[args.lastIndexOf(option) + 1];

export const untilPilot = (vm: BedVm, wanted: object): Promise<unknown> =>
  vm.until(`a pilot with ${JSON.stringify(wanted)}`, async () => {
    const pilot = (await vm.status())?.pilots[0];
    if (pilot === undefined) return undefined;
    const isLike = Object.entries(wanted).every(
      ([key, wish]) => JSON.stringify(pilot[key as keyof typeof pilot]) === JSON.stringify(wish),
    );
    return isLike ? pilot : undefined;
  });

export const job = (vm: Pick<BedVm, 'root'>, number: number) => {
  const path = join(vm.root, HOME, `job-${number}`);
  return {
    queue: (): void => writeFileSync(path, ''),
    end: (): void => rmSync(path),
    isSaved: (): boolean => existsSync(`${path}.saved`),
  };
};

/** A receiver, agents, and a factory's web server. */
export const createGlideinBed = async () => {
  const bed = await createBed();
  let answer: Answer = 'script';
  const { origin } = await startLoopbackServer(serveGlidein(() => answer));
  const serve = (next: Answer): void => {
    answer = next;
  };
  const start = (pilots: object, rest: object = {}): Promise<BedVm> =>
    bed.start({
      credentials: CREDENTIALS,
      ...rest,
      pilots: {
        ...{ kind: 'glideinwms', webbase: `${origin}/stage`, proxy: 'proxy', token: 'token' },
        ...{ askEvery: '200ms', vacate: '2s', ...play('work'), ...pilots },
      },
    });
  const drain = async (): Promise<void> => {
    const [known] = await bed.receiver.vms();
    await bed.receiver.order(known?.vmId ?? '', 'drain', 'kernel update');
  };
  return { ...bed, serve, start, drain };
};
