import type { ApplyPorts } from '../../agent/context/apply.ts';
import { NO_HOOKS } from '../../agent/context/hook-paths.ts';
import { planContext } from '../../agent/context/plan.ts';
import { credentialCopies } from '../../agent/context/planners/credentials.ts';
import { createCredentialKeeper } from '../../agent/credentials/keep-credentials.ts';
import { PATHS } from '../../agent/paths.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { createLog } from '../../platform/log.ts';
import type { CredentialOffer, CredentialResponse } from '../../protocol/credential.ts';
import { createManualClock } from './manual-clock.ts';
import { createMemoryFiles } from './memory-files.ts';
import { contextOf, createStepPorts } from './step-ports.ts';

export type Reply = { status?: number; body: object };
const SLOTS = ['plt00', 'plt01'].map((user, index) => ({
  name: `0${index}`,
  cores: 1,
  memoryMb: 100,
  user,
}));

/** A VM of two slots and one credential, before a server that the test plays. */
export const createCredentialVm = async (
  credential: object,
  answer: (request: HttpRequest) => Reply,
) => {
  const files = createMemoryFiles();
  const clock = createManualClock();
  const requests: (HttpRequest & { origin: string })[] = [];
  const lines: string[] = [];
  const secretsOnDisk: (string | undefined)[] = [];
  const ports: ApplyPorts = createStepPorts(files, {
    clock,
    log: createLog('debug', line => void lines.push(line)),
    http: origin => ({
      request: async request => {
        requests.push({ ...request, origin });
        secretsOnDisk.push(await files.read(`${PATHS.refreshTokens}/token.json`, 100_000));
        const { status = 200, body } = answer(request);
        return { status, headers: {}, body: JSON.stringify(body) };
      },
      close: async () => undefined,
    }),
  });
  const context = contextOf({
    pilots: { kind: 'command', command: ['/bin/pilot'] },
    credentials: [{ name: 'token', ...credential }],
  });
  const steps = planContext(context, {
    cores: 2,
    memoryMb: 4000,
    hooks: NO_HOOKS,
    instanceId: 'i-1',
  });
  await ports.users.ensureGroup('pilots');
  for (const { user } of SLOTS)
    await ports.users.ensureUser({
      name: user,
      group: 'pilots',
      home: `/scratch/${user}`,
      groups: [],
    });
  const wanted = steps.filter(({ kind }) => kind.startsWith('credential'));
  const stop = new AbortController();
  const keep = (
    askReceiver: () => Promise<CredentialResponse> = () => Promise.reject(new Error('not asked')),
    offers: readonly CredentialOffer[] = [],
  ) => {
    const kept = context.credentials.map(one => ({
      credential: one,
      copies: credentialCopies(one.name, SLOTS),
    }));
    const keeper = createCredentialKeeper(
      kept,
      { ...ports, random: () => 1, askReceiver },
      0,
      () => undefined,
    );
    keeper.offered(offers);
    return { ...keeper, done: keeper.run(stop.signal) };
  };
  const copies = () =>
    Promise.all(SLOTS.map(({ user }) => files.read(`${PATHS.credentials}/${user}/token`, 1e6)));
  return { files, clock, ports, wanted, requests, lines, secretsOnDisk, keep, copies, stop };
};
